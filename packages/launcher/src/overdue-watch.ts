import { countOverdueStarts, type Queryable } from 'calendar-db';
import { type Health, type HealthCheck, type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { ServerFleet } from './server-fleet.ts';

const EVERY_MS = 5_000;
/** A claim that died with its launcher is nobody's fault for as long as its lease. */
const OVERDUE_AFTER_MS = 5_000;

/**
 * Looks whether a start is due that nobody is at work on: then the launchers do not do their work. Servers that do not
 * answer are somebody else's trouble and only degrade.
 */
export class OverdueWatch implements Service {
  readonly id = 'overdue watch';
  readonly #database: Queryable;
  readonly #fleet: ServerFleet;
  readonly #running: RunningState;
  readonly #log: Logger;
  readonly #check: HealthCheck;

  constructor(database: Queryable, fleet: ServerFleet, health: Health, running: RunningState, log: Logger) {
    this.#database = database;
    this.#fleet = fleet;
    this.#running = running.child('overdue watch');
    this.#log = log;
    this.#check = health.check('starts', { maxAgeMs: 3 * EVERY_MS + 10_000 });
    health.computed('trueconf', () => {
      const away = fleet.away();
      if (away.length === 0) return { state: 'ok', detail: fleet.serverIds().join(', ') };
      return { state: 'degraded', detail: away.map(({ problem }) => problem).join('; ') };
    });
  }

  run(): Promise<void> {
    return runLoop(this.#running, this.#log, { name: this.id, every: EVERY_MS, once: () => this.#look() });
  }

  stop(): void {
    this.#running.stop();
  }

  async #look(): Promise<void> {
    const away = this.#fleet.away().map(({ serverId }) => serverId);
    const overdue = await countOverdueStarts(this.#database, away, OVERDUE_AFTER_MS);
    if (overdue === 0) this.#check.ok();
    else this.#check.unready(`${overdue} start(s) are overdue and nobody is at work on them`);
  }
}
