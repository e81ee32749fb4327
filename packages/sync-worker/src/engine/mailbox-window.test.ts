import { describe, expect, it } from 'vitest';
import { isRepairDue } from './mailbox-window.ts';

const DAY_MS = 86_400_000;
const now = new Date('2026-03-10T09:00:00Z');
const addresses = Array.from({ length: 700 }, (_, n) => `person${n}@corp.example`);

/** How many of the mailboxes are due that were synchronized so long ago. */
function due(ms: number, days: number): number {
  return addresses.filter((address) => isRepairDue({ address, now, syncedAt: new Date(now.getTime() - ms) }, days))
    .length;
}

describe('isRepairDue', () => {
  it('spreads the mailboxes over the days, each of them once in them', () => {
    expect(due(7 * DAY_MS, 7)).toBe(700);
    expect(due(DAY_MS, 7)).toBeGreaterThan(60);
    expect(due(DAY_MS, 7)).toBeLessThan(140);
    expect(due(60_000, 7)).toBeLessThan(10);
  });

  it('repairs a mailbox once, however often it is asked for changes, also across a time without any worker', () => {
    const times = Array.from({ length: 21 * 24 + 1 }, (_, hour) => new Date(now.getTime() + hour * 3_600_000));
    for (const address of addresses.slice(0, 20)) {
      const repairs = times.filter((at, hour) => isRepairDue({ address, now: at, syncedAt: times[hour - 1] ?? at }, 7));
      expect(repairs).toHaveLength(3);
    }
  });

  it('leaves alone what was never synchronized: that is read whole anyway', () => {
    expect(isRepairDue({ address: 'a@corp.example', now, syncedAt: null }, 7)).toBe(false);
  });
});
