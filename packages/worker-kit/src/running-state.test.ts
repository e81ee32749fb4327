import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FatalError } from './fatal-error.ts';
import { runLoop } from './loop.ts';
import { RunningState } from './running-state.ts';
import { CapturedLog } from './testing/captured-log.ts';

describe('a running state', () => {
  let log: CapturedLog;
  let running: RunningState;
  beforeEach(() => {
    vi.useFakeTimers();
    log = new CapturedLog();
    running = new RunningState('test loop', log.logger());
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Whether a promise has ended by now. */
  const hasEnded = async (work: Promise<unknown>): Promise<boolean> => {
    let ended = false;
    void work.then(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    return ended;
  };

  it('sleeps for its time', async () => {
    const sleep = running.sleep(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(await hasEnded(sleep)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await hasEnded(sleep)).toBe(true);
  });

  it('ends a sleep on a wake-up, and keeps one that comes while nobody sleeps', async () => {
    const sleep = running.sleep(Number.POSITIVE_INFINITY);
    running.wake();
    expect(await hasEnded(sleep)).toBe(true);
    running.wake();
    running.wake();
    expect(await hasEnded(running.sleep(1_000))).toBe(true);
    expect(await hasEnded(running.sleep(1_000))).toBe(false);
  });

  it('ends every sleep and back-off on stop, of its children too, and leaves its parent running', async () => {
    const child = running.child('child');
    const grandchild = child.child('grandchild');
    const waits = [grandchild.sleep(5_000), grandchild.backoff(new Error('down'))];
    child.stop();
    expect(await hasEnded(Promise.all(waits))).toBe(true);
    expect([running.shouldRun(), child.shouldRun(), grandchild.shouldRun()]).toEqual([true, false, false]);
    expect(grandchild.aborting.aborted).toBe(false);
    running.abort();
    expect([running.shouldRun(), grandchild.aborting.aborted]).toEqual([false, true]);
  });

  it('backs off from 25 ms to 10 s, says it louder the longer it lasts, and begins anew after a healthy sign', async () => {
    const waits: number[] = [];
    for (let failure = 0; failure < 12; failure++) {
      const before = Date.now();
      const wait = running.backoff(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
      await vi.advanceTimersToNextTimerAsync();
      await wait;
      waits.push(Date.now() - before);
    }
    for (const [index, wait] of waits.entries()) {
      const full = Math.min(10_000, 25 * 2 ** index);
      expect(wait).toBeLessThanOrEqual(full);
      expect(wait).toBeGreaterThanOrEqual(Math.floor(full * 0.75));
    }
    expect(log.entries.map(({ level }) => level)).toEqual(['info', 'warn', 'error']);
    running.resetBackoff();
    expect(log.events().at(-1)).toBe('loop.recovered');
    expect(running.failures).toBe(0);
  });

  it('says a lasting failure again after a minute, and another failure at once', async () => {
    const fail = async (code: string) => {
      const wait = running.backoff(Object.assign(new Error('down'), { code }));
      await vi.advanceTimersToNextTimerAsync();
      await wait;
    };
    for (let failure = 0; failure < 10; failure++) await fail('A');
    const said = log.entries.length;
    await fail('A');
    expect(log.entries).toHaveLength(said);
    await fail('B');
    expect(log.entries).toHaveLength(said + 1);
    for (let failure = 0; failure < 9; failure++) await fail('B');
    expect(log.entries).toHaveLength(said + 2);
  });

  it('does not wait for what only a person can put right', async () => {
    const fatal = new FatalError('key', 'key-missing', 'there is no key');
    await expect(running.backoff(fatal)).rejects.toBe(fatal);
  });

  it('runs a loop again after its interval, at once when woken, and after a back-off when it failed', async () => {
    const passes: number[] = [];
    const started = Date.now();
    const loop = runLoop(running, log.logger(), {
      name: 'test loop',
      every: 1_000,
      once: async () => {
        passes.push(Date.now() - started);
        if (passes.length === 1) throw new Error('once');
      },
    });
    await vi.advanceTimersByTimeAsync(25);
    expect(passes).toHaveLength(2);
    running.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(passes).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(passes).toHaveLength(4);
    running.stop();
    expect(await hasEnded(loop)).toBe(true);
  });

  it('does not lose a wake-up that comes during a pass', async () => {
    let passes = 0;
    const loop = runLoop(running, log.logger(), {
      name: 'test loop',
      every: Number.POSITIVE_INFINITY,
      once: async () => {
        passes++;
        if (passes === 1) running.wake();
      },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(passes).toBe(2);
    running.stop();
    await loop;
  });
});
