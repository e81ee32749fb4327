import { pruneChanges } from 'calendar-db/changes';
import type { CalendarDatabase } from 'calendar-db/database';
import { forgetPrivateContent, type ListedMailbox, refreshStatistics, retryFailedMailboxes } from 'calendar-db/sync';
import type { ConnectorConfig } from 'connector-config';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { DirectoryService } from './directory/directory-service.ts';
import type { SyncMetrics } from './engine/sync-metrics.ts';
import type { SyncScheduler } from './engine/sync-scheduler.ts';
import type { ProvidersInUse } from './exchange/providers-in-use.ts';
import type { GroupOwnership } from './ownership/group-ownership.ts';
import type { MailboxRegistrar } from './ownership/mailbox-registrar.ts';
import type { WatchService } from './streams/watch-service.ts';

const PRUNE_EVERY_MS = 600_000;
/** After so many pauses without news the registry of mailboxes is looked at all the same, and how fresh they are. */
const PAUSES_WITHOUT_NEWS = 6;

export interface UpkeepParts {
  readonly database: CalendarDatabase;
  readonly log: Logger;
  readonly running: RunningState;
  readonly config: () => ConnectorConfig;
  readonly providers: ProvidersInUse;
  readonly ownership: GroupOwnership;
  readonly registrar: MailboxRegistrar;
  readonly scheduler: SyncScheduler;
  readonly watches: WatchService;
  readonly people: DirectoryService;
  readonly metrics: SyncMetrics;
  /** Between two looks at accounts, and between two rounds at least, milliseconds. */
  readonly every: number;
}

/**
 * What a sync-worker does again and again besides syncs: it registers the listed mailboxes, looks which groups it owns,
 * divides budgets, learns which accounts are refused, and clears away what is no longer needed. What reads all mailboxes is
 * done when workers or mailboxes are others than before, which the database tells, and now and then all the same, since a
 * notification may be lost.
 */
export class Upkeep implements Service {
  readonly id = 'upkeep';
  readonly #parts: UpkeepParts;
  /** Mailboxes that another provider reads since a reload; a failure of the former one no longer counts. */
  readonly #toRetry: ListedMailbox[] = [];
  #prunedAt = Number.NEGATIVE_INFINITY;
  #hasNews = true;
  #roundAt = Number.NEGATIVE_INFINITY;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  run(): Promise<void> {
    const { running, log, every } = this.#parts;
    return runLoop(running, log, { name: this.id, every, once: () => this.#turn() });
  }

  /** Begins a round at once: workers, mailboxes or groups are others now. */
  wake(): void {
    this.#hasNews = true;
    this.#parts.running.wake();
  }

  /** Mailboxes are others than they were, here or for another worker: the next look is a round. They may be thousands. */
  noteChange(): void {
    this.#hasNews = true;
  }

  stop(): void {
    this.#parts.running.stop();
  }

  /** Has mailboxes tried at once whose last sync failed. */
  retry(mailboxes: readonly ListedMailbox[]): void {
    this.#toRetry.push(...mailboxes);
    this.wake();
  }

  /** Divides the budgets of accounts and hosts among the live workers. */
  shareBudgets(): void {
    const { providers, ownership } = this.#parts;
    providers.directory.share(ownership.place(), (provider) => ownership.groupsOf(provider));
  }

  async #turn(): Promise<void> {
    const { providers, every } = this.#parts;
    const isRound = this.#hasNews || performance.now() - this.#roundAt >= every * PAUSES_WITHOUT_NEWS;
    if (isRound) await this.#round();
    this.shareBudgets();
    for (const { accounts } of providers.seats) await accounts.refresh();
    await this.#clearAway();
  }

  async #round(): Promise<void> {
    const { config, providers, ownership, registrar, scheduler, watches, people, metrics } = this.#parts;
    const { groupSize } = config().sync;
    this.#hasNews = false;
    try {
      await this.#retryFailed();
      const agreed = ownership.agreesOnProviders();
      if (await registrar.register(providers.directory.listed, { groupSize, agreed })) people.refresh();
      if (ownership.place().rank === 0) await this.#lookAfterAll();
      await ownership.refresh();
    } catch (error) {
      this.#hasNews = true;
      throw error;
    }
    this.#roundAt = performance.now();
    scheduler.wake();
    watches.wake();
    metrics.owned(ownership.figures() ?? []);
  }

  /** What one worker does for all: they would find the same. */
  async #lookAfterAll(): Promise<void> {
    const { database, log, registrar } = this.#parts;
    await registrar.removeDelisted();
    const tables = await refreshStatistics(database);
    if (tables.length === 0) return;
    log.info('database.analyzed', `the database has new statistics of ${tables.join(', ')}, which have grown`, {
      tables,
    });
  }

  async #retryFailed(): Promise<void> {
    const mailboxes = [...this.#toRetry];
    await retryFailedMailboxes(this.#parts.database, mailboxes);
    this.#toRetry.splice(0, mailboxes.length);
  }

  async #clearAway(): Promise<void> {
    const { config, database } = this.#parts;
    if (performance.now() - this.#prunedAt <= PRUNE_EVERY_MS) return;
    await pruneChanges(database);
    if (!config().privacy.storePrivate) await this.#forgetPrivateContent();
    this.#prunedAt = performance.now();
  }

  /** What was stored of private events before that was switched off, or by a worker that has it on, goes. */
  async #forgetPrivateContent(): Promise<void> {
    const { database, log } = this.#parts;
    let events = 0;
    for (let some = 1; some > 0; events += some) some = await forgetPrivateContent(database);
    if (events > 0) log.info('privacy.forgotten', `the content of ${events} private events was removed`, { events });
  }
}
