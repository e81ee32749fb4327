import {
  type Consumer,
  holdConsumer,
  isRecoverable,
  makeConsumer,
  moveConsumer,
  readChanges,
  readLogHead,
} from 'calendar-db/changes';
import {
  askForAddresses,
  beginLaunching,
  type ConferencePlan,
  type EventFacts,
  listEventsNaming,
  listPlannableEvents,
  markAnswersPlanned,
  planConferences,
  pruneConferences,
  readAddressMap,
  readEventFacts,
  readUnplannedAnswers,
} from 'calendar-db/conferences';
import type { CalendarDatabase, Queryable } from 'calendar-db/database';
import type { ConnectorConfig } from 'connector-config';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import { AddressBook } from './address-book.ts';
import { planEvent } from './plan-event.ts';
import { mayLaunch, type PlanRules, planDigest, planRules } from './plan-rules.ts';

/** Name of the durable position that all planners share. */
export const PLANNER_CONSUMER = 'planner';
/** Few enough that the log's lock is held for milliseconds. */
const BATCH = 200;
const CHANGES_PER_BATCH = 500;
const ANSWERS_AT_ONCE = 100;
const NIGHTLY_MS = 24 * 3_600_000;
/** A pass as young as this, by the same configuration, need not be repeated by a launcher that just started. */
const FRESH_PASS_MS = 60_000;
/** Another planner is at it; what it did not see of ours is looked at again soon. */
const HELD_RETRY_MS = 100;

export interface PlannerOptions {
  readonly database: CalendarDatabase;
  readonly config: () => ConnectorConfig;
  readonly running: RunningState;
  readonly log: Logger;
  /** Host and instance, for the log of conferences. */
  readonly actor: string;
  /** Called when questions for TrueConf Servers were left. */
  readonly onQuestions: () => void;
}

type Turn = 'done' | 'more' | 'held' | 'lost';

/**
 * Turns what changed in the calendars into what is wanted in TrueConf. Any number may run: whoever holds the consumer's
 * row plans one batch, and the position moves in the same transaction, so that a batch is planned wholly or not at all.
 */
export class Planner implements Service {
  readonly id = 'planner';
  readonly #options: PlannerOptions;
  readonly #running: RunningState;
  #fullPass: 'unless fresh' | 'due' | 'not due' = 'unless fresh';
  #rules: PlanRules | undefined;
  #hasAsked = false;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#running = options.running.child('planner');
  }

  async run(): Promise<void> {
    const { log, config } = this.#options;
    const every = () => config().conferences.safetyPollMs || Number.POSITIVE_INFINITY;
    await runLoop(this.#running, log, { name: 'planner', every, once: () => this.#catchUp() });
  }

  stop(): void {
    this.#running.stop();
  }

  /** Something changed. */
  wake(): void {
    this.#running.wake();
  }

  /** The configuration changed: everything is planned anew. */
  reloaded(): void {
    this.#rules = undefined;
    this.#fullPass = 'due';
    this.wake();
  }

  async #catchUp(): Promise<void> {
    const { database, config } = this.#options;
    if (this.#rules === undefined) {
      await makeConsumer(database, PLANNER_CONSUMER);
      const since = await beginLaunching(database, mayLaunch(config()));
      this.#rules = planRules(config(), since);
    }
    while (this.#running.shouldRun()) {
      const turn = await this.#turn(this.#rules);
      if (turn === 'done') return;
      if (turn === 'held') await this.#running.sleep(HELD_RETRY_MS);
    }
  }

  async #turn(rules: PlanRules): Promise<Turn> {
    if (this.#fullPass === 'due') {
      if ((await this.#planAll(rules)) === 'held') return 'held';
      this.#fullPass = 'not due';
      return 'more';
    }
    const turn = await this.#planBatch(rules);
    if (turn === 'lost') {
      this.#fullPass = 'due';
      return 'more';
    }
    return turn === 'done' ? this.#planAnswers(rules) : turn;
  }

  /** Plans what the next changes concern. */
  #planBatch(rules: PlanRules): Promise<Turn> {
    return this.#holding(async (client, consumer) => {
      const head = await readLogHead(client);
      if (!isRecoverable(consumer, head) || this.#isFullPassDue(consumer)) return 'lost';
      const changes = await readChanges(client, consumer.seq, CHANGES_PER_BATCH);
      const last = changes.at(-1);
      if (last === undefined) return 'done';
      // Our own writes and what left the window are nothing to plan.
      const touched = changes.filter(({ kind }) => kind === 'event' || kind === 'gone');
      const ids = new Set(touched.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])));
      await moveConsumer(client, PLANNER_CONSUMER, { epoch: head.epoch, seq: last.seq });
      await this.#plan(client, [...ids], rules);
      return 'more';
    });
  }

  #isFullPassDue({ configDigest, fullPassAgeMs }: Consumer): boolean {
    if (fullPassAgeMs === null || fullPassAgeMs > NIGHTLY_MS) return true;
    if (this.#fullPass === 'not due') return false;
    // Only its own start makes a launcher compare digests: two with different configs would plan in turns for ever.
    const isFresh = fullPassAgeMs < FRESH_PASS_MS && configDigest === planDigest(this.#options.config());
    this.#fullPass = 'not due';
    return !isFresh;
  }

  /** Plans everything that is not over. The position is the one from before, so nothing that comes meanwhile is missed. */
  async #planAll(rules: PlanRules): Promise<Turn> {
    const { database, config, log } = this.#options;
    const begun = performance.now();
    const { epoch, head: seq } = await readLogHead(database);
    let events = 0;
    for (let after: string | null = null; this.#running.shouldRun(); ) {
      let page: string[] = [];
      const turn = await this.#holding(async (client) => {
        page = await listPlannableEvents(client, after, BATCH);
        await this.#plan(client, page, rules);
        return 'more';
      });
      if (turn === 'held') return 'held';
      events += page.length;
      after = page.at(-1) ?? null;
      if (after === null || page.length < BATCH) break;
    }
    if (!this.#running.shouldRun()) return 'held';
    const moved = await this.#holding(async (client) => {
      await moveConsumer(client, PLANNER_CONSUMER, { epoch, seq }, planDigest(config()));
      return 'done';
    });
    if (moved === 'held') return 'held';
    await pruneConferences(database);
    const ms = Math.round(performance.now() - begun);
    log.info('planner.full-pass', `planned all ${events} events to come`, { events, ms });
    return 'done';
  }

  /** Plans what new answers about addresses touch; they stay open until all of it is planned. */
  async #planAnswers(rules: PlanRules): Promise<Turn> {
    const { database } = this.#options;
    const answers = await readUnplannedAnswers(database, ANSWERS_AT_ONCE);
    if (answers.length === 0) return 'done';
    const addresses = [...new Set(answers.map(({ address }) => address))];
    for (let after: string | null = null; this.#running.shouldRun(); ) {
      let page: string[] = [];
      const turn = await this.#holding(async (client) => {
        page = await listEventsNaming(client, addresses, after, BATCH);
        if (page.length < BATCH) await markAnswersPlanned(client, answers);
        await this.#plan(client, page, rules);
        return 'more';
      });
      after = page.at(-1) ?? null;
      if (turn === 'held' || after === null || page.length < BATCH) return turn;
    }
    return 'done';
  }

  /** One transaction in which this planner is the only one. */
  async #holding(work: (client: Queryable, consumer: Consumer) => Promise<Turn>): Promise<Turn> {
    const turn = await this.#options.database.transaction(async (client) => {
      const consumer = await holdConsumer(client, PLANNER_CONSUMER);
      return consumer === null ? 'held' : work(client, consumer);
    });
    // Only now can the questions be seen.
    if (this.#hasAsked) this.#options.onQuestions();
    this.#hasAsked = false;
    return turn;
  }

  /** Comes last in its transaction: from here on the change log is locked. */
  async #plan(client: Queryable, eventIds: readonly string[], rules: PlanRules): Promise<void> {
    if (eventIds.length === 0) return;
    const facts = await readEventFacts(client, eventIds);
    const people = new Set(facts.flatMap(({ copies }) => copies.flatMap(({ audience }) => audience)));
    const servers = rules.servers.map(({ serverId }) => serverId);
    const book = new AddressBook(await readAddressMap(client, servers, [...people]));
    const plans = facts.flatMap((event) => this.#planOne(event, book, rules) ?? []);
    await askForAddresses(client, book.questions);
    await planConferences(client, this.#options.actor, plans);
    if (book.questions.length > 0) this.#hasAsked = true;
  }

  /** One event that cannot be planned must not keep all others from it. */
  #planOne(event: EventFacts, book: AddressBook, rules: PlanRules): ConferencePlan | null {
    try {
      return planEvent(event, book, rules);
    } catch (error) {
      const message = 'an event could not be planned and keeps what was planned before';
      this.#options.log.error('planner.event-failed', message, { eventId: event.eventId, error });
      return null;
    }
  }
}
