import {
  beginPass,
  type CompletePass,
  type Consumer,
  endPass,
  isRecoverable,
  makeConsumer,
  moveConsumer,
  movePass,
  readEventChanges,
  readLogHead,
} from 'calendar-db/changes';
import {
  listEventsNaming,
  markAnswersPlanned,
  pruneConferences,
  readUnplannedAnswers,
  type UnplannedAnswer,
} from 'calendar-db/conferences';
import type { CalendarDatabase, Queryable } from 'calendar-db/database';
import type { ConnectorConfig } from 'connector-config';
import { type Logger, type RunningState, runLoop, type Service, spreadInterval } from 'worker-kit';
import { BatchFailedError, BatchSize, MOST_EVENTS } from './batch-size.ts';
import { progressAfter, readPassPage } from './pass-page.ts';
import { PASS_REASONS, type PassReason, passReason } from './pass-reason.ts';
import { PlannedEvents } from './planned-events.ts';
import { PLANNER_CONSUMER, type Planning, type PlanningTransaction, RulesReplacedError, reasonOf } from './planning.ts';
import { readTurnRules, type TurnRules } from './turn-rules.ts';

/** Numbers and ids only. Many, so that a change of a small event is seen behind those of a meeting of many people. */
const CHANGES_PER_BATCH = 5_000;
const ANSWERS_AT_ONCE = 100;
/** Another planner is at work; it may leave something for this one. */
const HELD_RETRY_MS = 100;

export interface PlannerOptions {
  readonly database: CalendarDatabase;
  readonly config: () => ConnectorConfig;
  readonly running: RunningState;
  readonly log: Logger;
  /** Of this build. */
  readonly version: string;
  readonly planning: Planning;
}

/** There may be more of its kind to plan, there is no more, or another planner holds the row. */
type Step = 'more' | 'done' | 'held';

/** What the first step of a turn came to. */
interface ChangesStep {
  readonly step: 'more' | 'done';
  /** Why a full pass begins; null when none does. */
  readonly began: PassReason | null;
  /** A full pass by this turn's rules is under way. */
  readonly hasPage: boolean;
  /** Events that were planned, by what was true when the log ended with `head` or later. */
  readonly planned: readonly string[];
  readonly head: number;
}

/** Answers about addresses, and how far the events that they touch are planned by them. */
interface OpenAnswers {
  readonly answers: readonly UnplannedAnswer[];
  /** Of the rules by which events were planned so far. */
  readonly digest: string;
  /** Events that are still to be planned. */
  readonly eventIds: readonly string[];
}

/** Events of the first page of a pass that this planner went through while the page is not complete. */
interface FirstPage {
  readonly digest: string;
  readonly gone: Set<string>;
}

/**
 * Turns what changed in the calendars into what is wanted in TrueConf. Any number may run: the one that holds the
 * consumer's row plans, and the position moves in the same transaction, past what is planned or set aside and no further.
 *
 * A turn takes three steps, each in a transaction of its own: the next changes, some events of the full pass if one is under
 * way, some of what new answers about addresses touch. Each plans one batch, so changes wait for two batches at most,
 * however long a pass is.
 */
export class Planner implements Service {
  readonly id = 'planner';
  readonly #options: PlannerOptions;
  readonly #running: RunningState;
  /** The configuration whose rules were compared with those of the full pass; none right after the start. */
  #compared: ConnectorConfig | undefined;
  /** Kept here only: the answers stay unplanned in the database until the last of their events is planned. */
  #openAnswers: OpenAnswers | null = null;
  /** Kept here only: a planner that dies leaves the first page to be begun again. */
  #firstPage: FirstPage | null = null;
  readonly #planned = new PlannedEvents();
  readonly #sizes = { changes: new BatchSize(), pass: new BatchSize(), answers: new BatchSize() };

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#running = options.running.child('planner');
  }

  async run(): Promise<void> {
    const { log, config } = this.#options;
    const every = () => spreadInterval(config().conferences.safetyPollMs || Number.POSITIVE_INFINITY);
    await runLoop(this.#running, log, { name: 'planner', every, once: () => this.#catchUp() });
  }

  stop(): void {
    this.#running.stop();
  }

  /** Something changed: in the calendars, in the answers about addresses, or in the configuration. */
  wake(): void {
    this.#running.wake();
  }

  async #catchUp(): Promise<void> {
    while (this.#running.shouldRun()) {
      const step = await this.#turn();
      if (step === 'done') return;
      if (step === 'held') await this.#waitForRow();
    }
  }

  /** Makes the row when there is none: at the very first start, and when an older database was put back. */
  async #waitForRow(): Promise<void> {
    const isNew = await makeConsumer(this.#options.database, PLANNER_CONSUMER);
    if (!isNew) await this.#running.sleep(HELD_RETRY_MS);
  }

  async #turn(): Promise<Step> {
    const { database, config, version } = this.#options;
    const turn = await readTurnRules(database, config(), version);
    try {
      const changes = await this.#planChanges(turn);
      if (changes === 'held') return 'held';
      const page = changes.hasPage ? await this.#planPage(turn) : 'done';
      if (page === 'held') return 'held';
      const answers = await this.#planAnswers(turn);
      if (answers === 'held') return 'held';
      return [changes.step, page, answers].includes('more') ? 'more' : 'done';
    } catch (error) {
      if (error instanceof RulesReplacedError) return 'more';
      throw error;
    }
  }

  /** Begins a full pass if one is due, and plans what the next changes concern. */
  async #planChanges(turn: TurnRules): Promise<Pick<ChangesStep, 'step' | 'hasPage'> | 'held'> {
    const size = this.#sizes.changes;
    const changes = await this.#bounded(
      size,
      turn,
      async (transaction): Promise<{ passed: number; result: ChangesStep }> => {
        const { client, consumer } = transaction;
        const began = await this.#beginPassIfDue(client, consumer, turn);
        const { epoch, seq, passDigest } = began?.consumer ?? consumer;
        this.#planned.useFor(`${turn.digest} ${epoch}`);
        const rows = await readEventChanges(client, seq, CHANGES_PER_BATCH);
        const eventIds = this.#planned.toPlan(rows, size.isReduced);
        const batch = await transaction.decide(eventIds, size);
        const planned = eventIds.slice(0, batch.count);
        const position = this.#planned.lastCovered(rows, planned)?.seq ?? seq;
        if (position > seq) await moveConsumer(client, PLANNER_CONSUMER, { epoch, seq: position });
        await transaction.write(batch);
        const step = rows.length === 0 ? ('done' as const) : ('more' as const);
        const head = rows.at(-1)?.seq ?? seq;
        const result = {
          step,
          began: began?.reason ?? null,
          hasPage: passDigest === turn.digest,
          planned,
          head,
          position,
        };
        return { passed: batch.count, result };
      },
    );
    if (changes === 'held') return 'held';
    if (changes === 'failed') return { step: 'more', hasPage: false };
    this.#planned.planned(changes.planned, changes.head);
    this.#compared = turn.config;
    const { began } = changes;
    if (began !== null) this.#options.log.info('planner.pass-began', PASS_REASONS[began], { reason: began });
    return changes;
  }

  /** @returns the consumer as it is afterwards, and why; null when no pass is due */
  async #beginPassIfDue(
    client: Queryable,
    consumer: Consumer,
    { config, digest }: TurnRules,
  ): Promise<{ readonly consumer: Consumer; readonly reason: PassReason } | null> {
    const head = await readLogHead(client);
    const changed = this.#compared === undefined ? 'started' : 'reloaded';
    const occasion = config === this.#compared ? null : changed;
    const reason = passReason(consumer, { isRecoverable: isRecoverable(consumer, head), digest, occasion });
    if (reason === null) return null;
    await beginPass(client, PLANNER_CONSUMER, digest);
    const begun = { ...consumer, passDigest: digest, passAfter: null, mixedRules: false };
    if (reason !== 'changes-lost') return { consumer: begun, reason };
    // Every page is read later than this, so the pass has all that came before.
    const position = { epoch: head.epoch, seq: head.head };
    await moveConsumer(client, PLANNER_CONSUMER, position);
    return { consumer: { ...begun, ...position }, reason };
  }

  /** Plans the next events of the full pass. */
  async #planPage(turn: TurnRules): Promise<Step> {
    const size = this.#sizes.pass;
    const page = await this.#bounded(size, turn, async (transaction) => {
      const { client, consumer } = transaction;
      // Another planner may have ended or replaced it since the changes were planned.
      if (consumer.passDigest !== turn.digest)
        return { passed: 0, result: { planned: [], isOver: true, complete: null } };
      const gone = this.#goneOfFirstPage(consumer, turn);
      const read = await readPassPage(client, consumer.passAfter, gone, MOST_EVENTS);
      const batch = await transaction.decide(read.ids, size);
      const { events, after, isComplete } = progressAfter(read, batch.count);
      if (!isComplete) await movePass(client, PLANNER_CONSUMER, after, events);
      const complete = isComplete ? await endPass(client, PLANNER_CONSUMER, events) : null;
      await transaction.write(batch);
      const planned = read.isFirst ? read.ids.slice(0, batch.count) : [];
      return { passed: batch.count, result: { planned, isOver: isComplete, complete } };
    });
    if (page === 'held') return 'held';
    if (page === 'failed') return 'more';
    for (const id of page.planned) this.#firstPage?.gone.add(id);
    if (page.complete !== null) await this.#tidyAfter(page.complete);
    return page.isOver ? 'done' : 'more';
  }

  #goneOfFirstPage({ passAfter }: Consumer, { digest }: TurnRules): Set<string> {
    if (passAfter !== null) this.#firstPage = null;
    else if (this.#firstPage?.digest !== digest) this.#firstPage = { digest, gone: new Set() };
    return this.#firstPage?.gone ?? new Set();
  }

  async #tidyAfter({ events, ms }: CompletePass): Promise<void> {
    const { database, log } = this.#options;
    log.info('planner.full-pass', `planned all ${events} events to come`, { events, ms: Math.round(ms) });
    await pruneConferences(database);
  }

  /** Plans the next events of what new answers about addresses touch. */
  async #planAnswers(turn: TurnRules): Promise<Step> {
    const size = this.#sizes.answers;
    const open = await this.#answersToPlan(turn);
    if (open === null) return 'done';
    const { answers, eventIds } = open;
    const left = await this.#bounded(size, turn, async (transaction) => {
      const batch = await transaction.decide(eventIds, size);
      const rest = eventIds.slice(batch.count);
      if (rest.length === 0) await markAnswersPlanned(transaction.client, answers);
      await transaction.write(batch);
      return { passed: batch.count, result: rest };
    });
    if (left === 'held') return 'held';
    if (left !== 'failed') this.#openAnswers = left.length === 0 ? null : { ...open, eventIds: left };
    return 'more';
  }

  /**
   * Answers with the events that they touch, which are read once: what comes to name these people later is a change, and
   * planned as one.
   */
  async #answersToPlan({ digest }: TurnRules): Promise<OpenAnswers | null> {
    if (this.#openAnswers?.digest === digest) return this.#openAnswers;
    const { database } = this.#options;
    const answers = await readUnplannedAnswers(database, ANSWERS_AT_ONCE);
    if (answers.length === 0) return null;
    const addresses = [...new Set(answers.map(({ address }) => address))];
    this.#openAnswers = { answers, digest, eventIds: await listEventsNaming(database, addresses) };
    return this.#openAnswers;
  }

  /**
   * Takes one step in a transaction. What it fails by, if that may be one event's making, makes the next batch of this step
   * smaller.
   * @returns `failed` then; nothing of the step stays
   */
  async #bounded<Result>(
    size: BatchSize,
    turn: TurnRules,
    work: (transaction: PlanningTransaction) => Promise<{ readonly passed: number; readonly result: Result }>,
  ): Promise<Result | 'held' | 'failed'> {
    try {
      const done = await this.#options.planning.holding(turn, work);
      if (done === 'held') return 'held';
      size.passed(done.passed);
      return done.result;
    } catch (error) {
      if (!(error instanceof BatchFailedError)) throw error;
      size.failed(error);
      const fields = { events: error.eventIds.length, reason: reasonOf(error.cause) };
      this.#options.log.debug('planner.batch-failed', 'fewer events are planned together', fields);
      return 'failed';
    }
  }
}
