import type { SyncGroup } from 'calendar-db/sync';
import { describe, expect, it } from 'vitest';
import { type FreshnessInput, syncFreshness } from './freshness.ts';

const group = (given: Partial<SyncGroup> = {}): SyncGroup => ({
  ...{
    group: 'p/1',
    mailboxes: 9,
    denied: 0,
    stale: 0,
    uncached: 0,
    suspect: 0,
    oldestSyncSeconds: 30,
    overdueSeconds: 0,
  },
  ...given,
});
const state = (given: Partial<FreshnessInput>) =>
  syncFreshness({ groups: [group()], readSecondsAgo: 1, pollSeconds: 60, idleSeconds: 1, troubles: [], ...given });

describe('syncFreshness', () => {
  it('is degraded while a mailbox has a loss that is not believed', () => {
    const suspect = state({ groups: [group({ suspect: 2 })] });
    expect(suspect).toMatchObject({ state: 'degraded', detail: expect.stringContaining('not believed yet: 2') });
  });

  it('is fine while all mailboxes are fresh, and when there are none', () => {
    expect(state({})).toEqual({ state: 'ok', detail: '9 mailboxes in 1 groups' });
    expect(state({ groups: [], idleSeconds: 9_999 }).state).toBe('ok');
  });

  it('does not call a worker ready that knows nothing of its groups', () => {
    expect(state({ groups: null }).state).toBe('unready');
    expect(state({ readSecondsAgo: 90 }).state).toBe('unready');
  });

  it('does not call a worker ready that owns overdue mailboxes and does nothing', () => {
    const groups = [group(), group({ overdueSeconds: 100 })];
    expect(state({ groups, idleSeconds: 100 }).state).toBe('unready');
  });

  it('calls it degraded while it works at them, or while the server is what it waits for', () => {
    const groups = [group({ overdueSeconds: 100 })];
    expect(state({ groups, idleSeconds: 2 }).state).toBe('degraded');
    expect(state({ groups, idleSeconds: 100, troubles: ['exchange is away'] })).toMatchObject({
      state: 'degraded',
      detail: expect.stringContaining('exchange is away'),
    });
  });

  it.each([
    ['denied', { denied: 2 }],
    ['failing', { stale: 1 }],
    ['long not synchronized', { oldestSyncSeconds: 241 }],
  ])('is degraded by mailboxes that are %s', (_, given) => {
    expect(state({ groups: [group(), group(given)] }).state).toBe('degraded');
  });
});
