import {
  hastenSetAside,
  listSetAside,
  type SetAside,
  setEventAside,
  type TakenEvent,
  takeSetAside,
} from 'calendar-db/conferences';
import type { CalendarDatabase } from 'calendar-db/database';
import type { ConnectorConfig } from 'connector-config';
import { type Health, type HealthCheck, type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { LauncherMetrics } from '../launcher-metrics.ts';
import { BatchFailedError } from './batch-size.ts';
import { type Planning, RulesReplacedError, reasonOf, tellSetAside } from './planning.ts';
import { readTurnRules } from './turn-rules.ts';

const EVERY_MS = 5_000;
/** An attempt may take several statements, each of them half a minute. */
const KEPT = { maxAgeMs: 180_000 };
/** A launcher that dies while it tries an event leaves it to the others after this. */
const ATTEMPT_SECONDS = 120;
const MOST_NAMED = 10;
/** The row of the planners is being made. */
const NO_ROW_MS = 100;

export interface SetAsideEventsOptions {
  readonly database: CalendarDatabase;
  readonly config: () => ConnectorConfig;
  readonly running: RunningState;
  readonly log: Logger;
  /** Of this build. */
  readonly version: string;
  readonly planning: Planning;
  readonly health: Health;
  readonly metrics: LauncherMetrics;
}

/** Tells of the events that could not be planned, and tries each again by itself: after a pause, and when it has changed. */
export class SetAsideEvents implements Service {
  readonly id = 'set-aside events';
  readonly #options: SetAsideEventsOptions;
  readonly #running: RunningState;
  readonly #check: HealthCheck;

  constructor(options: SetAsideEventsOptions) {
    this.#options = options;
    this.#running = options.running.child('set-aside events');
    this.#check = options.health.check('set-aside', KEPT);
  }

  run(): Promise<void> {
    return runLoop(this.#running, this.#options.log, { name: this.id, every: EVERY_MS, once: () => this.#once() });
  }

  stop(): void {
    this.#running.stop();
  }

  /** Events were set aside, or may be planned now. */
  wake(): void {
    this.#running.wake();
  }

  async #once(): Promise<void> {
    const { database } = this.#options;
    while ((await this.#look()).anyIsDue && this.#running.shouldRun()) {
      const taken = await takeSetAside(database, ATTEMPT_SECONDS);
      if (taken !== null) await this.#try(taken);
    }
  }

  /** Tells how many events are set aside, and which. */
  async #look(): Promise<SetAside> {
    const { database, metrics } = this.#options;
    const setAside = await listSetAside(database, MOST_NAMED);
    metrics.setAsideEvents.set(setAside.total);
    if (setAside.total === 0) this.#check.ok();
    else this.#check.degraded(describe(setAside));
    return setAside;
  }

  async #try(taken: TakenEvent): Promise<void> {
    const { database, planning, config, version, log } = this.#options;
    const { eventId, marks, failures } = taken;
    try {
      const outcome = await planning.planAlone(await readTurnRules(database, config(), version), taken);
      if (outcome === 'planned') {
        log.info('planner.event-planned', 'an event that was set aside is planned again', { eventId, failures });
      } else if (outcome === 'held') {
        await this.#running.sleep(NO_ROW_MS);
        await hastenSetAside(database, [eventId]);
      }
    } catch (error) {
      if (error instanceof RulesReplacedError) return hastenSetAside(database, [eventId]);
      if (!(error instanceof BatchFailedError)) throw error;
      const { cause } = error;
      tellSetAside(log, {
        eventId,
        error: cause,
        failures: await setEventAside(database, eventId, reasonOf(cause), marks),
      });
    }
  }
}

function describe({ total, events }: SetAside): string {
  const named = events.map(({ eventId, reason, failures }) => `${eventId} (${reason}, ${failures} times)`);
  const more = total > events.length ? ` and ${total - events.length} more` : '';
  return `${total} event(s) cannot be planned and their conferences are not started: ${named.join(', ')}${more}`;
}
