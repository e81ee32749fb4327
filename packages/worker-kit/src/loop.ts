import type { Logger } from './log.ts';
import type { RunningState } from './running-state.ts';

export interface LoopOptions {
  readonly name: string;
  /** Milliseconds between the end of one pass and the next; a wake-up brings it forward. Infinity: wake-ups alone. */
  readonly every: number | (() => number);
  /** One pass. What it throws is logged by the back-off, so it need not log itself. */
  readonly once: () => Promise<void>;
  /** Its failures are told elsewhere, by a health check; here only at debug. */
  readonly quiet?: boolean;
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
    await running.sleep(typeof every === 'number' ? every : every());
  }
  log.debug('loop.ended', `${name} ended`, { loop: name });
}
