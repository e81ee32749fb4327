import type { Logger } from './log.ts';
import type { RunningState } from './running-state.ts';

export interface LoopOptions {
  readonly name: string;
  /**
   * Milliseconds between the end of one pass and the next; a wake-up brings it forward. Infinity: wake-ups alone. A number is
   * a regular interval, which `spreadInterval` varies; a function is asked after each pass, and its answer is kept to.
   */
  readonly every: number | (() => number);
  /** One pass. What it throws is logged by the back-off, so it need not log itself. */
  readonly once: () => Promise<void>;
  /** Its failures are told elsewhere, by a health check; here only at debug. */
  readonly quiet?: boolean;
}

/** How much longer or shorter than its interval one pause of a regular loop may be, as a share of it. */
const SPREAD = 0.1;

/**
 * One pause of something that is done at regular intervals: a tenth shorter or longer at most, by chance, and the interval in
 * the mean. Workers that were started together so drift apart, and do not all ask the database at the same moments.
 * @param ms milliseconds; 0 and Infinity stay what they are
 */
export function spreadInterval(ms: number): number {
  return ms * (1 - SPREAD + Math.random() * 2 * SPREAD);
}

/** Runs `once` now and again until the loop is stopped, backing off while it fails. Ends only by stop or a FatalError. */
export async function runLoop(running: RunningState, log: Logger, options: LoopOptions): Promise<void> {
  const { name, every, once, quiet = false } = options;
  log.debug('loop.started', `${name} started`, { loop: name });
  while (running.shouldRun()) {
    try {
      await once();
      running.resetBackoff();
    } catch (error) {
      await running.backoff(error, { quiet });
      continue;
    }
    await running.sleep(typeof every === 'number' ? spreadInterval(every) : every());
  }
  log.debug('loop.ended', `${name} ended`, { loop: name });
}
