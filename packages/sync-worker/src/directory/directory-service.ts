import type { CalendarDatabase } from 'calendar-db/database';
import { type DirectoryFigures, nameWaitingCopies, readDirectoryFigures } from 'calendar-db/directory';
import { EwsError } from 'ews-client';
import { type Logger, type MetricsRegistry, type RunningState, runLoop, type Service, TroubleLog } from 'worker-kit';
import type { ProviderSeat } from '../exchange/provider-directory.ts';
import { DIRECTORY_DELAYS, directoryRound, type RoundOutcome } from './directory-round.ts';

/** After so many pauses it is looked again which mailboxes nobody asked about, and what other workers learned of rooms. */
const PAUSES_UNTIL_REFRESH = 12;

export interface DirectoryServiceOptions {
  readonly database: CalendarDatabase;
  readonly log: Logger;
  readonly running: RunningState;
  readonly metrics: MetricsRegistry;
  readonly seats: () => readonly ProviderSeat[];
  readonly mostMembers: () => number;
  /** Between looks at the questions, milliseconds. */
  readonly every: number;
}

/**
 * Answers what calendars leave open about people: any sync-worker may, each question is leased to one. Asks one thing at a
 * time, within the accounts' budgets, in the name of mailboxes that work.
 */
export class DirectoryService implements Service {
  readonly id = 'directory';
  readonly #options: DirectoryServiceOptions;
  readonly #questions;
  #refreshedAt = new WeakMap<object, number>();
  readonly #troubles: TroubleLog;
  #figures: Readonly<Record<string, readonly DirectoryFigures[]>> = {};

  constructor(options: DirectoryServiceOptions) {
    this.#options = options;
    this.#troubles = new TroubleLog(options.log, { writesBetween: false });
    this.#questions = options.metrics.counter({
      name: 'calendar_directory_questions_total',
      help: 'Questions about people and lists by what Exchange answered, or failed.',
      labelNames: ['result'],
    });
  }

  async run(): Promise<void> {
    const { running, log, every } = this.#options;
    await runLoop(running, log, { name: 'directory', every, once: () => this.#turn() });
  }

  stop(): void {
    this.#options.running.stop();
  }

  /** There are new questions. */
  wake(): void {
    this.#options.running.wake();
  }

  /** Other mailboxes are listed: they are asked about at once. */
  refresh(): void {
    this.#refreshedAt = new WeakMap();
    this.wake();
  }

  /** What is known, by provider and kind. */
  facts(): object {
    return this.#figures;
  }

  async #turn(): Promise<void> {
    const { running, seats } = this.#options;
    // What a worker that died has left as well.
    await this.#nameCopies();
    for (const seat of seats()) {
      await this.#refresh(seat);
      while (running.shouldRun() && seat.accounts.isUsable && (await this.#round(seat)));
    }
  }

  async #nameCopies(): Promise<void> {
    const { database, running } = this.#options;
    while (running.shouldRun() && (await nameWaitingCopies(database)));
  }

  /** @returns whether more questions wait */
  async #round({ provider, accounts, people, users }: ProviderSeat): Promise<boolean> {
    const { database, running, mostMembers } = this.#options;
    const outcome = await directoryRound({
      ...{ database, accounts, provider: provider.key, users: [...users], mostMembers: mostMembers() },
      signal: running.stopping,
    });
    for (const { answer } of outcome.answers) this.#questions.inc({ result: answer.kind });
    if (outcome.answers.some(({ answer }) => answer.kind === 'rooms')) await people.learnRooms();
    this.#tell(provider.key, outcome);
    if (outcome.taken > 0) await this.#nameCopies();
    return outcome.hasMore;
  }

  async #refresh({ people, users }: ProviderSeat): Promise<void> {
    people.onQuestions = () => this.wake();
    const now = performance.now();
    const pause = this.#options.every * PAUSES_UNTIL_REFRESH;
    if (now - (this.#refreshedAt.get(people) ?? Number.NEGATIVE_INFINITY) < pause) return;
    people.serve(users);
    await people.refresh();
    const figures = await readDirectoryFigures(this.#options.database, people.provider);
    this.#figures = { ...this.#figures, [people.provider]: figures };
    this.#refreshedAt.set(people, now);
  }

  #tell(provider: string, { tooLarge, failure, answers }: RoundOutcome): void {
    const { log, mostMembers } = this.#options;
    for (const list of tooLarge) {
      const most = mostMembers();
      const line = `${list} has more than ${most} members with the lists in it: it stays a list, and its members do not see its events by it`;
      log.warn('directory.list-too-large', line, { provider, list, most });
    }
    if (failure !== null) this.#questions.inc({ result: 'failed' });
    if (DIRECTORY_DELAYS.isUnable(failure)) {
      const message = `${provider} does not tell who is who: lists, aliases and legacy names stay as they are known: ${failure.message}`;
      const fields = { provider, error: failure };
      this.#troubles.begin(provider, provider, { level: 'warn', event: 'directory.unable', message, fields });
    } else if (failure instanceof EwsError) {
      log.debug('directory.deferred', `${provider} is asked about people later: ${failure.message}`, { provider });
    } else if (failure === null && answers.length > 0) {
      const message = `${provider} tells who is who again`;
      this.#troubles.end(provider, () => ({ level: 'info', event: 'directory.back', message, fields: { provider } }));
    }
  }
}
