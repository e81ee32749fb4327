import { countUnreadChanges } from 'calendar-db/changes';
import { countOverdueStarts } from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import { type Health, type HealthCheck, type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import { PLANNER_CONSUMER } from './planner/planning.ts';
import type { ServerFleet } from './server-fleet.ts';

const EVERY_MS = 5_000;
/** A claim that died with its launcher is nobody's fault for as long as its lease. */
const OVERDUE_AFTER_MS = 5_000;
const UNPLANNED_AFTER_MS = 15_000;
const KEPT = { maxAgeMs: 3 * EVERY_MS + 10_000 };

/**
 * Looks whether a start is due that nobody is at work on, or a change that nobody plans: then the launchers do not do
 * their work. Servers that do not answer are somebody else's trouble and only degrade.
 */
export class OverdueWatch implements Service {
  readonly id = 'overdue watch';
  readonly #database: Queryable;
  readonly #fleet: ServerFleet;
  readonly #running: RunningState;
  readonly #log: Logger;
  readonly #starts: HealthCheck;
  readonly #plans: HealthCheck;

  constructor(database: Queryable, fleet: ServerFleet, health: Health, running: RunningState, log: Logger) {
    this.#database = database;
    this.#fleet = fleet;
    this.#running = running.child('overdue watch');
    this.#log = log;
    this.#starts = health.check('starts', KEPT);
    this.#plans = health.check('plans', KEPT);
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
    if (overdue === 0) this.#starts.ok();
    else this.#starts.unready(`${overdue} start(s) are overdue and nobody is at work on them`);
    const unread = await countUnreadChanges(this.#database, PLANNER_CONSUMER, UNPLANNED_AFTER_MS);
    if (unread === 0) this.#plans.ok();
    else this.#plans.unready(`${unread} change(s) of events have not been planned for ${UNPLANNED_AFTER_MS / 1000} s`);
  }
}
