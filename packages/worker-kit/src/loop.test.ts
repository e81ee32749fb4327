import { afterEach, describe, expect, it, vi } from 'vitest';
import { runLoop, spreadInterval } from './loop.ts';
import { RunningState } from './running-state.ts';
import { CapturedLog } from './testing/captured-log.ts';

describe('spreadInterval', () => {
  it('keeps the interval in the mean and leaves it by a tenth at most', () => {
    const pauses = Array.from({ length: 20_000 }, () => spreadInterval(60_000));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(54_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(66_000);
    expect(Math.min(...pauses)).toBeLessThan(54_500);
    expect(Math.max(...pauses)).toBeGreaterThan(65_500);
    const mean = pauses.reduce((sum, ms) => sum + ms, 0) / pauses.length;
    expect(Math.abs(mean - 60_000)).toBeLessThan(300);
  });

  it('leaves loops alone that go on at once, or only when woken', () => {
    expect(spreadInterval(0)).toBe(0);
    expect(spreadInterval(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('runLoop', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** The pauses (ms) of the first passes of a loop. */
  async function pauses(every: number | (() => number)): Promise<number[]> {
    vi.useFakeTimers();
    const log = new CapturedLog().logger();
    const running = new RunningState('loop', log);
    const began: number[] = [];
    const once = async () => {
      began.push(Date.now());
    };
    const loop = runLoop(running, log, { name: 'loop', every, once });
    await vi.advanceTimersByTimeAsync(300_000);
    running.stop();
    await loop;
    return began.slice(1).map((at, pass) => at - (began[pass] ?? 0));
  }

  it('varies a regular interval, so that workers started together do not stay together', async () => {
    const found = await pauses(5_000);
    expect(new Set(found).size).toBeGreaterThan(found.length / 2);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(4_499);
    expect(Math.max(...found)).toBeLessThanOrEqual(5_501);
  });

  it('keeps to a pause that was worked out', async () => {
    expect(new Set(await pauses(() => 5_000))).toEqual(new Set([5_000]));
  });
});
