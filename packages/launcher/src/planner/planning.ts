import { awaitConsumer, type Consumer, holdConsumer, noteMixedRules } from 'calendar-db/changes';
import {
  askForAddresses,
  findSetAside,
  hastenSetAside,
  planConferences,
  removeSetAside,
  setEventAside,
  type TakenEvent,
} from 'calendar-db/conferences';
import { type CalendarDatabase, isFailureOfData, type Queryable, withStatementTimeout } from 'calendar-db/database';
import type { ConnectorConfig } from 'connector-config';
import { describeError, type Logger } from 'worker-kit';
import { BatchFailedError, type BatchSize, type FailedEvent } from './batch-size.ts';
import { type DecidedEvents, decideEvents, FACTS_LIMITS } from './plan-events.ts';
import type { TurnRules } from './turn-rules.ts';

/** Name of the durable position that all planners share. */
export const PLANNER_CONSUMER = 'planner';
/**
 * A batch is read in a fraction of a second; one that takes longer is halved. An event that takes longer by itself is set
 * aside, and at once tried again where it may take all the time of a statement and holds up no other.
 */
const BATCH_TIMEOUT_MS = 5_000;
const TIMED_OUT = '57014';

export interface PlanningOptions {
  readonly database: CalendarDatabase;
  readonly config: () => ConnectorConfig;
  readonly log: Logger;
  /** Host and instance, for the log of conferences. */
  readonly actor: string;
  /** Called when questions for TrueConf Servers were left. */
  readonly onQuestions: () => void;
  /** Called when events were set aside, or are to be tried again at once. */
  readonly onSetAside: () => void;
}

/** Events planned together, not yet written. */
interface Batch extends DecidedEvents {
  /** Those that were decided. */
  readonly decided: readonly string[];
  /** Events among them that were set aside before. */
  readonly waiting: readonly string[];
}

/** Rolls back what was planned by a configuration that was replaced meanwhile. */
export class RulesReplacedError extends Error {
  readonly code = 'planner-rules-replaced';

  constructor() {
    super('the configuration was replaced while a page was planned by it');
    this.name = new.target.name;
  }
}

/**
 * Plans events in transactions in which no other planner plans. What fails with some events is thrown as a `BatchFailedError`;
 * what fails with one event alone sets it aside, so that the others go on.
 */
export class Planning {
  readonly #options: PlanningOptions;

  constructor(options: PlanningOptions) {
    this.#options = options;
  }

  /**
   * Runs `work` while the planners' row is held. Nothing of it stays when the configuration is replaced meanwhile.
   * @returns what `work` does; `held` when another planner holds the row, or when there is none
   * @throws RulesReplacedError when the configuration was replaced
   */
  async holding<Result>(
    turn: TurnRules,
    work: (transaction: PlanningTransaction) => Promise<Result>,
  ): Promise<Result | 'held'> {
    const effects = new Effects(this.#options);
    const result = await this.#options.database.transaction(async (client) => {
      const consumer = await holdConsumer(client, PLANNER_CONSUMER);
      if (consumer === null) return 'held';
      const done = await work(new PlanningTransaction(client, consumer, turn, this.#options.actor, effects));
      this.#mustBeInForce(turn);
      return done;
    });
    effects.tell();
    return result;
  }

  /**
   * Plans an event that was set aside. All that may take long comes before other planners are held up.
   * @returns `held` when there is no row of the planners, `marked` when it is to be planned once more
   * @throws RulesReplacedError when the configuration was replaced
   * @throws BatchFailedError when it fails again
   */
  async planAlone(turn: TurnRules, taken: TakenEvent): Promise<'planned' | 'held' | 'marked'> {
    const effects = new Effects(this.#options);
    const result = await this.#options.database.transaction(async (client) => {
      const alone = [taken.eventId];
      const decided = await ofBatch(alone, () => decideEvents(client, alone, turn.rules, FACTS_LIMITS));
      const [failure] = decided.failed;
      if (failure !== undefined) throw new BatchFailedError(alone, failure.error);
      await awaitConsumer(client, PLANNER_CONSUMER);
      const consumer = await holdConsumer(client, PLANNER_CONSUMER);
      if (consumer === null) return 'held';
      if (!(await removeSetAside(client, taken))) return 'marked';
      const transaction = new PlanningTransaction(client, consumer, turn, this.#options.actor, effects);
      await transaction.write({ ...decided, decided: alone, waiting: [] });
      this.#mustBeInForce(turn);
      return 'planned';
    });
    effects.tell();
    return result;
  }

  #mustBeInForce(turn: TurnRules): void {
    if (this.#options.config() !== turn.config) throw new RulesReplacedError();
  }
}

/** What other parts learn once a transaction is committed: only then can they see it. */
class Effects {
  readonly setAside: (FailedEvent & { readonly failures: number })[] = [];
  hasAsked = false;
  hasHastened = false;
  readonly #options: PlanningOptions;

  constructor(options: PlanningOptions) {
    this.#options = options;
  }

  tell(): void {
    const { log, onQuestions, onSetAside } = this.#options;
    for (const failed of this.setAside) tellSetAside(log, failed);
    if (this.hasAsked) onQuestions();
    if (this.hasHastened || this.setAside.length > 0) onSetAside();
  }
}

/** One transaction that holds the planners' row. */
export class PlanningTransaction {
  readonly client: Queryable;
  readonly consumer: Consumer;
  readonly #turn: TurnRules;
  readonly #actor: string;
  readonly #effects: Effects;

  constructor(client: Queryable, consumer: Consumer, turn: TurnRules, actor: string, effects: Effects) {
    this.client = client;
    this.consumer = consumer;
    this.#turn = turn;
    this.#actor = actor;
    this.#effects = effects;
  }

  /**
   * Decides what is wanted for the first of some events: as many as `size` and their bytes allow, and one at least. Those
   * that are set aside count as gone through, since they are planned alone.
   * @throws BatchFailedError
   */
  async decide(eventIds: readonly string[], size: BatchSize): Promise<Batch> {
    const given = eventIds.slice(0, size.most);
    const alone = size.failedAlone(given[0]);
    if (alone !== null) return { ...NOTHING, count: 1, failed: [alone] };
    if (given.length === 0) return NOTHING;
    const aside = new Set(await findSetAside(this.client, given));
    const open = given.filter((id) => !aside.has(id));
    const decide = () => decideEvents(this.client, open, this.#turn.rules, FACTS_LIMITS);
    const read = () => withStatementTimeout(this.client, BATCH_TIMEOUT_MS, decide);
    const batch = open.length === 0 ? NOTHING : await ofBatch(open, read);
    const next = open[batch.count];
    const count = next === undefined ? given.length : given.indexOf(next);
    const waiting = given.slice(0, count).filter((id) => aside.has(id));
    return { ...batch, count, decided: open.slice(0, batch.count), waiting };
  }

  /**
   * Writes what was decided. Comes last in its transaction: from here on the change log is locked.
   * @throws BatchFailedError
   */
  async write({ count, decided, plans, questions, failed, waiting }: Batch): Promise<void> {
    if (count === 0) return;
    const { client, consumer } = this;
    const passDigest = consumer.passDigest ?? consumer.configDigest;
    if (passDigest !== this.#turn.digest && !consumer.mixedRules) await noteMixedRules(client, PLANNER_CONSUMER);
    // Before the lock of the change log, which an attempt that fails takes after the row of its event.
    if (waiting.length > 0) await hastenSetAside(client, waiting);
    await askForAddresses(client, questions);
    for (const { eventId, error } of failed) {
      const failures = await setEventAside(client, eventId, reasonOf(error), null);
      this.#effects.setAside.push({ eventId, error, failures });
    }
    const timedOut = failed.filter(({ error }) => reasonOf(error) === TIMED_OUT).map(({ eventId }) => eventId);
    if (timedOut.length > 0) await hastenSetAside(client, timedOut);
    await ofBatch(decided, () => planConferences(client, this.#actor, plans));
    this.#effects.hasAsked ||= questions.length > 0;
    this.#effects.hasHastened ||= waiting.length > 0;
  }
}

const NOTHING: Batch = { count: 0, plans: [], questions: [], failed: [], decided: [], waiting: [] };

/** @throws BatchFailedError in place of what may be of one event's making */
async function ofBatch<Result>(eventIds: readonly string[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isFailureOfData(error) ? new BatchFailedError(eventIds, error) : error;
  }
}

/** What is stored of a failure: a code, and never its message, which may quote what is private. */
export function reasonOf(error: unknown): string {
  const { code } = describeError(error);
  return String(code);
}

const SQLSTATE = /^[0-9A-Z]{5}$/u;

/** Logs the first failure as an error, and those that repeat it at debug. @param failures in a row; 0: the event is over */
export function tellSetAside(
  log: Logger,
  { eventId, error, failures }: FailedEvent & { readonly failures: number },
): void {
  const message =
    'an event could not be planned and is set aside: its conference is not started, and it is tried again';
  const reason = reasonOf(error);
  // What Postgres or a parser says may quote what is private.
  const isTold = !SQLSTATE.test(reason) && !(error instanceof SyntaxError);
  const fields = { eventId, reason, failures, ...(isTold && { error }) };
  log.log(failures === 1 ? 'error' : 'debug', 'planner.event-set-aside', message, fields);
}
