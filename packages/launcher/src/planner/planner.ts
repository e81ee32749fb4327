import {
  beginPass,
  type CompletePass,
  type Consumer,
  endPass,
  holdConsumer,
  isRecoverable,
  makeConsumer,
  moveConsumer,
  movePass,
  noteMixedRules,
  readChanges,
  readLogHead,
} from 'calendar-db/changes';
import {
  BEFORE_ALL_EVENTS,
  beginLaunching,
  listEventsNaming,
  markAnswersPlanned,
  pruneConferences,
  readUnplannedAnswers,
  type UnplannedAnswer,
} from 'calendar-db/conferences';
import type { CalendarDatabase, Queryable } from 'calendar-db/database';
import type { ConnectorConfig } from 'connector-config';
import { type Logger, type RunningState, runLoop, type Service, spreadInterval } from 'worker-kit';
import { readPassPage } from './pass-page.ts';
import { PASS_REASONS, type PassReason, passReason } from './pass-reason.ts';
import { planEvents } from './plan-events.ts';
import { mayLaunch, type PlanRules, planRules, rulesDigest } from './plan-rules.ts';

/** Name of the durable position that all planners share. */
export const PLANNER_CONSUMER = 'planner';
/** Few enough that the log's lock is held for milliseconds. */
const PAGE = 200;
const CHANGES_PER_BATCH = 500;
const ANSWERS_AT_ONCE = 100;
/** Another planner is at work; it may leave something for this one. */
const HELD_RETRY_MS = 100;

export interface PlannerOptions {
  readonly database: CalendarDatabase;
  readonly config: () => ConnectorConfig;
  readonly running: RunningState;
  readonly log: Logger;
  /** Host and instance, for the log of conferences. */
  readonly actor: string;
  /** Of this build. */
  readonly version: string;
  /** Called when questions for TrueConf Servers were left. */
  readonly onQuestions: () => void;
}

/** What one turn plans by: made from the configuration in force when the turn begins, and good for this turn only. */
interface TurnRules {
  readonly config: ConnectorConfig;
  readonly digest: string;
  readonly rules: PlanRules;
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
}

/** Answers about addresses, and how far the events that they touch are planned by them. */
interface OpenAnswers {
  readonly answers: readonly UnplannedAnswer[];
  /** Of the rules by which the pages so far were planned. */
  readonly digest: string;
  /** Last event of the last page. */
  readonly after: string;
}

/** Rolls back what was planned by a configuration that was replaced meanwhile. */
class RulesReplacedError extends Error {
  readonly code = 'planner-rules-replaced';

  constructor() {
    super('the configuration was replaced while a page was planned by it');
    this.name = new.target.name;
  }
}

/**
 * Turns what changed in the calendars into what is wanted in TrueConf. Any number may run: the one that holds the
 * consumer's row plans, and the position moves in the same transaction, so that a page is planned wholly or not at all.
 *
 * A turn takes three steps, each in a transaction of its own: the next changes, one page of the full pass if one is under
 * way, one page of what new answers about addresses touch. So changes wait for two pages at most, however long a pass is.
 */
export class Planner implements Service {
  readonly id = 'planner';
  readonly #options: PlannerOptions;
  readonly #running: RunningState;
  /** The configuration whose rules were compared with those of the full pass; none right after the start. */
  #compared: ConnectorConfig | undefined;
  /** Kept here only: the answers stay unplanned in the database until the last page is planned. */
  #openAnswers: OpenAnswers | null = null;
  #hasAsked = false;

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
    const turn = await this.#turnRules();
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

  async #turnRules(): Promise<TurnRules> {
    const { database, version } = this.#options;
    const config = this.#options.config();
    const launchingSince = await beginLaunching(database, mayLaunch(config));
    return { config, digest: rulesDigest(config, version), rules: planRules(config, launchingSince) };
  }

  /** Begins a full pass if one is due, and plans what the next changes concern. */
  async #planChanges(turn: TurnRules): Promise<ChangesStep | 'held'> {
    const changes = await this.#holding(turn, async (client, consumer): Promise<ChangesStep> => {
      const began = await this.#beginPassIfDue(client, consumer, turn);
      const { epoch, seq, passDigest } = began?.consumer ?? consumer;
      const rows = await readChanges(client, seq, CHANGES_PER_BATCH);
      const last = rows.at(-1);
      if (last !== undefined) {
        // Our own writes and what left the window are nothing to plan.
        const touched = rows.filter(({ kind }) => kind === 'event' || kind === 'gone');
        const ids = new Set(touched.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])));
        await moveConsumer(client, PLANNER_CONSUMER, { epoch, seq: last.seq });
        await this.#plan(client, began?.consumer ?? consumer, [...ids], turn);
      }
      const step = last === undefined ? 'done' : 'more';
      return { step, began: began?.reason ?? null, hasPage: passDigest === turn.digest };
    });
    if (changes === 'held') return 'held';
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

  /** Plans the next page of the full pass. */
  async #planPage(turn: TurnRules): Promise<Step> {
    const page = await this.#holding(turn, async (client, consumer) => {
      // Another planner may have ended or replaced it since the changes were planned.
      if (consumer.passDigest !== turn.digest) return null;
      const { ids, events, last } = await readPassPage(client, consumer.passAfter, PAGE);
      if (last !== null) await movePass(client, PLANNER_CONSUMER, last, events);
      const complete = last === null ? await endPass(client, PLANNER_CONSUMER, events) : null;
      await this.#plan(client, consumer, ids, turn);
      return { complete };
    });
    if (page === 'held') return 'held';
    if (page === null) return 'done';
    if (page.complete === null) return 'more';
    await this.#tidyAfter(page.complete);
    return 'done';
  }

  async #tidyAfter({ events, ms }: CompletePass): Promise<void> {
    const { database, log } = this.#options;
    log.info('planner.full-pass', `planned all ${events} events to come`, { events, ms: Math.round(ms) });
    await pruneConferences(database);
  }

  /** Plans one page of what new answers about addresses touch. */
  async #planAnswers(turn: TurnRules): Promise<Step> {
    const { database } = this.#options;
    const open = this.#openAnswers?.digest === turn.digest ? this.#openAnswers : null;
    const answers = open?.answers ?? (await readUnplannedAnswers(database, ANSWERS_AT_ONCE));
    if (answers.length === 0) return 'done';
    const addresses = [...new Set(answers.map(({ address }) => address))];
    const page = await this.#holding(turn, async (client, consumer) => {
      const ids = await listEventsNaming(client, addresses, open?.after ?? BEFORE_ALL_EVENTS, PAGE);
      const last = ids.length < PAGE ? null : ids.at(-1);
      if (last == null) await markAnswersPlanned(client, answers);
      await this.#plan(client, consumer, ids, turn);
      return { last };
    });
    if (page === 'held') return 'held';
    this.#openAnswers = page.last == null ? null : { answers, after: page.last, digest: turn.digest };
    return 'more';
  }

  /**
   * One transaction in which no other planner plans. Nothing of it stays when the configuration is replaced meanwhile.
   * @throws RulesReplacedError then
   */
  async #holding<Result>(
    turn: TurnRules,
    work: (client: Queryable, consumer: Consumer) => Promise<Result>,
  ): Promise<Result | 'held'> {
    const { database, config, onQuestions } = this.#options;
    const result = await database.transaction(async (client) => {
      const consumer = await holdConsumer(client, PLANNER_CONSUMER);
      if (consumer === null) return 'held';
      const done = await work(client, consumer);
      if (config() !== turn.config) throw new RulesReplacedError();
      return done;
    });
    // Only now can the questions be seen.
    if (this.#hasAsked) onQuestions();
    this.#hasAsked = false;
    return result;
  }

  /** Comes last in its transaction, see `planEvents`. */
  async #plan(client: Queryable, consumer: Consumer, ids: readonly string[], turn: TurnRules): Promise<void> {
    if (ids.length === 0) return;
    const { actor, log } = this.#options;
    const passDigest = consumer.passDigest ?? consumer.configDigest;
    if (passDigest !== turn.digest && !consumer.mixedRules) await noteMixedRules(client, PLANNER_CONSUMER);
    if (await planEvents(client, ids, turn.rules, actor, log)) this.#hasAsked = true;
  }
}
