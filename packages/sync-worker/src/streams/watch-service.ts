import type { CalendarDatabase } from 'calendar-db/database';
import { hastenPolls, type ListedMailbox, readWatchableMailboxes } from 'calendar-db/sync';
import { type Logger, type MetricsRegistry, type RunningState, runLoop, type Service, TroubleLog } from 'worker-kit';
import type { CalendarProvider } from '../engine/calendar-provider.ts';
import type { WatchedMailbox } from '../engine/calendar-watch.ts';
import { longestPause } from '../engine/poll-seconds.ts';
import type { GroupOwnership } from '../ownership/group-ownership.ts';
import { ChangeNotices } from './change-notices.ts';
import { GroupWatch, type GroupWatchParts } from './group-watch.ts';
import { WantedMarks } from './wanted-marks.ts';
import { WatchMetrics } from './watch-metrics.ts';

/** A group that cannot be listened to for so long is something to look at; its polls go on. */
const LONG_TROUBLE_MS = 300_000;
/** A group whose mailboxes are on several machines of Exchange needs a stream for each of them. */
const LACKING_CURE = 'list more accounts, or raise limits.streams as far as Exchange allows';
const LIMIT_CURE = 'Exchange allows an account fewer streams than limits.streams; lower that, and list more accounts';

export interface WatchServiceOptions {
  readonly database: CalendarDatabase;
  readonly running: RunningState;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly ownership: GroupOwnership;
  /** The provider of a mailbox; undefined when the configuration does not list it. */
  readonly providerOf: (mailbox: ListedMailbox) => CalendarProvider | undefined;
  readonly pollSeconds: () => number;
  /** Mailboxes were marked as wanted. */
  readonly onWanted: () => void;
}

/**
 * Listens to the sync groups that this worker owns. Streams only say when to look: a mailbox that nobody listens to goes back
 * to its ordinary poll at once, so that losing a stream costs latency and never data.
 */
export class WatchService implements Service {
  readonly id = 'watches';
  readonly marks: WantedMarks;
  readonly notices: ChangeNotices;
  readonly #options: WatchServiceOptions;
  readonly #running: RunningState;
  readonly #metrics: WatchMetrics;
  readonly #parts: GroupWatchParts;
  readonly #watches = new Map<string, GroupWatch>();
  readonly #leaving = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: WatchServiceOptions) {
    const { database, running, log, metrics, onWanted } = options;
    this.#options = options;
    this.#running = running;
    this.#metrics = new WatchMetrics(metrics);
    this.notices = new ChangeNotices(this.#metrics);
    this.marks = new WantedMarks(database, running, log, onWanted);
    this.#parts = {
      ...{ marks: this.marks, notices: this.notices, metrics: this.#metrics, troubles: new TroubleLog(log), log },
      onLost: () => this.wake(),
    };
  }

  /** Whether changes of a mailbox are told at this moment. */
  isWatched(mailbox: string): boolean {
    for (const { watched } of this.#watches.values()) if (watched.has(mailbox)) return true;
    return false;
  }

  run(): Promise<void> {
    // Woken by the upkeep, which reads the groups anew.
    const every = Number.POSITIVE_INFINITY;
    this.#loop = runLoop(this.#running, this.#options.log, { name: this.id, every, once: () => this.#look() });
    return this.#loop;
  }

  /** Looks at once: other groups are owned, or other mailboxes listed. */
  wake(): void {
    this.#running.wake();
  }

  /** Stops listening through some providers, because their connections end. */
  leaveWhere(isMeant: (provider: Pick<CalendarProvider, 'watch'>) => boolean): void {
    for (const [group, { provider }] of [...this.#watches]) if (isMeant(provider)) this.#leave(group);
  }

  /** Ends all streams and unsubscribes. */
  async drain(): Promise<void> {
    this.#running.stop();
    await this.#loop;
    for (const group of [...this.#watches.keys()]) this.#leave(group);
    await Promise.all(this.#leaving);
  }

  async stop(): Promise<void> {
    await this.drain();
  }

  /**
   * What is wrong for long, in a sentence; null when nothing is.
   * @param lacking whether groups count that only lack a stream of their accounts
   */
  trouble({ lacking }: { readonly lacking: boolean }): string | null {
    const long = [...this.#watches].flatMap(([group, { trouble }]) =>
      trouble !== null && trouble.ms > LONG_TROUBLE_MS && (lacking || !trouble.isLacking)
        ? [{ group, ...trouble }]
        : [],
    );
    const [first] = long;
    if (first === undefined) return null;
    const others = long.length > 1 ? ` and ${long.length - 1} more` : '';
    const cure = first.reason === 'limit' ? `: ${first.isLacking ? LACKING_CURE : LIMIT_CURE}` : '';
    return `sync groups that no stream tells of: ${first.group}${others} (${first.reason}); they are polled${cure}`;
  }

  /** What the ops page shows. */
  facts(): { group: string; streams: number; watched: number; trouble: string | null }[] {
    return [...this.#watches].map(([group, { streams, watched, trouble }]) => ({
      ...{ group, streams, watched: watched.size },
      trouble: trouble?.reason ?? null,
    }));
  }

  async #look(): Promise<void> {
    const { database, ownership, pollSeconds } = this.#options;
    const groups = ownership.owned();
    const owned = new Set(groups);
    for (const group of [...this.#watches.keys()]) if (!owned.has(group)) this.#leave(group);
    const mailboxes = await readWatchableMailboxes(database, groups);
    const membersOf = Map.groupBy(mailboxes, ({ group }) => group);
    for (const group of groups) this.#assign(group, membersOf.get(group) ?? []);
    const watches = [...this.#watches.values()];
    await hastenPolls(
      database,
      groups,
      watches.flatMap(({ watched }) => [...watched]),
      longestPause(pollSeconds()),
    );
    const sum = (count: (watch: GroupWatch) => number) => watches.reduce((total, watch) => total + count(watch), 0);
    this.#metrics.watched(
      sum(({ streams }) => streams),
      sum(({ watched }) => watched.size),
    );
  }

  #assign(group: string, members: readonly (ListedMailbox & { healthy: boolean })[]): void {
    const { providerOf } = this.#options;
    const listed = members.flatMap((mailbox) => {
      const provider = providerOf(mailbox);
      return provider?.watch === undefined ? [] : [{ ...mailbox, provider }];
    });
    const provider = listed[0]?.provider;
    const current = this.#watches.get(group);
    if (current !== undefined && current.provider !== provider) this.#leave(group);
    if (provider === undefined || !this.#running.shouldRun()) return;
    const mailboxes = listed.map(({ address, healthy }): WatchedMailbox => ({ address, joining: healthy }));
    const watch = this.#watches.get(group);
    if (watch === undefined) this.#watches.set(group, new GroupWatch(group, provider, mailboxes, this.#parts));
    else watch.assign(mailboxes);
  }

  #leave(group: string): void {
    const watch = this.#watches.get(group);
    this.#watches.delete(group);
    if (watch === undefined) return;
    const leaving = watch.end().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}
