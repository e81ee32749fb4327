import { describe, expect, it } from 'vitest';
import { longestPause, secondsToNextPoll } from './poll-seconds.ts';

const INTERVAL = 60;
const start = Date.parse('2026-03-10T09:00:00Z');
const addresses = Array.from({ length: 100 }, (_, n) => `person${n}@corp.example`);

/** When mailboxes are polled that were first read at these moments (unix ms), one list of moments for each of them. */
function pollsAfter(firstReads: readonly number[], count: number, delayMs = 0): number[][] {
  return firstReads.map((firstRead, n) => {
    const polls: number[] = [];
    let at = firstRead;
    for (let poll = 0; poll < count; poll++) {
      at += secondsToNextPoll({ address: addresses[n] ?? '', now: new Date(at) }, INTERVAL) * 1000 + delayMs;
      polls.push(at);
    }
    return polls;
  });
}

/** How many polls fall into each tenth of the interval. */
function tenths(moments: readonly number[]): number[] {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const at of moments) {
    const tenth = Math.floor((((at - start) / 1000 / INTERVAL) % 1) * 10);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
  }
  return counts;
}

describe('secondsToNextPoll', () => {
  const readWithinFourSeconds = addresses.map((_, n) => start + n * 40);

  it('spreads mailboxes that were first read within four seconds over the whole interval', () => {
    const polls = pollsAfter(readWithinFourSeconds, 6);
    const counts = tenths(polls.map((moments) => moments.at(-1) ?? 0));
    expect(Math.min(...counts)).toBeGreaterThan(2);
    expect(Math.max(...counts)).toBeLessThan(22);
  });

  it('keeps the configured interval in the mean, and lets no mailbox wait over a tenth longer', () => {
    for (const [n, moments] of pollsAfter(readWithinFourSeconds, 1000).entries()) {
      const pauses = moments.map((at, poll) => at - (moments[poll - 1] ?? readWithinFourSeconds[n] ?? 0));
      const mean = pauses.reduce((sum, ms) => sum + ms, 0) / pauses.length / 1000;
      expect(Math.abs(mean / INTERVAL - 1)).toBeLessThan(0.001);
      expect(Math.max(...pauses) / 1000).toBeLessThanOrEqual(longestPause(INTERVAL) + 0.002);
      expect(Math.min(...pauses) / 1000).toBeGreaterThanOrEqual(INTERVAL * 0.9 - 0.002);
    }
    expect(longestPause(INTERVAL)).toBeCloseTo(66);
  });

  it('does not lengthen the interval by the time that a sync takes', () => {
    const [moments = []] = pollsAfter([start], 500, 2_000);
    expect(((moments.at(-1) ?? 0) - (moments[99] ?? 0)) / 400 / 1000).toBeCloseTo(INTERVAL, 2);
  });

  it('spreads mailboxes again that an outage brought together', () => {
    const before = pollsAfter(readWithinFourSeconds, 20).map((moments) => moments.at(-1) ?? 0);
    const afterOutage = Math.max(...before) + 600_000;
    const counts = tenths(pollsAfter(before.fill(afterOutage), 6).map((moments) => moments.at(-1) ?? 0));
    expect(Math.min(...counts)).toBeGreaterThan(2);
  });

  it('polls at once where no interval is configured', () => {
    expect(secondsToNextPoll({ address: 'a@corp.example', now: new Date(start) }, 0)).toBe(0);
  });
});
