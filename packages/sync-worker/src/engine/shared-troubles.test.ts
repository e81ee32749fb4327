import { beforeEach, describe, expect, it } from 'vitest';
import { SharedTroubles } from './shared-troubles.ts';

const MINUTE_MS = 60_000;
let now = 0;
let troubles: SharedTroubles;
beforeEach(() => {
  now = 1_000;
  troubles = new SharedTroubles(() => now);
});

describe('SharedTroubles', () => {
  it('tells of a trouble when it begins and when it lasts, however many mailboxes have it', () => {
    expect(troubles.failed(1, 'store away', false)).toBe('first');
    expect(troubles.failed(2, 'store away', false)).toBe('known');
    expect(troubles.failed(2, 'store away', true)).toBe('lasting');
    expect(troubles.failed(1, 'store away', true)).toBe('known');
    expect(troubles.failed(3, 'timeout', false)).toBe('first');
  });

  it('tells again of what lasts for ten minutes', () => {
    troubles.failed(1, 'store away', true);
    now += 9 * MINUTE_MS;
    expect(troubles.failed(1, 'store away', true)).toBe('known');
    now += MINUTE_MS;
    expect(troubles.failed(1, 'store away', true)).toBe('lasting');
  });

  it('is over with the last mailbox that recovers, and says how many had it', () => {
    troubles.failed(1, 'store away', false);
    troubles.failed(2, 'store away', false);
    expect(troubles.recovered(1)).toBe(0);
    expect(troubles.recovered(2)).toBe(2);
    expect(troubles.failed(1, 'store away', false)).toBe('first');
  });

  it('takes a mailbox that fails otherwise by now out of the earlier trouble', () => {
    troubles.failed(1, 'store away', false);
    troubles.failed(1, 'timeout', true);
    expect(troubles.failed(2, 'store away', false)).toBe('first');
  });

  it('forgets mailboxes that were not heard of for long, which belong to another worker by now', () => {
    troubles.failed(1, 'store away', false);
    now += 31 * MINUTE_MS;
    expect(troubles.failed(2, 'store away', false)).toBe('first');
  });

  it('knows nothing of mailboxes that never failed', () => {
    expect(troubles.recovered(7)).toBeNull();
  });
});
