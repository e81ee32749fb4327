import type { Logger, TroubleLog } from 'worker-kit';
import type { CalendarProvider } from '../engine/calendar-provider.ts';
import type { WatchedMailbox, WatchListener, WatchTrouble } from '../engine/calendar-watch.ts';
import type { ChangeNotices } from './change-notices.ts';
import { NoStreamLeftError } from './stream-trouble.ts';
import type { WantedMarks } from './wanted-marks.ts';
import { WatchLog } from './watch-log.ts';
import type { WatchMetrics } from './watch-metrics.ts';

export interface GroupWatchParts {
  readonly marks: Pick<WantedMarks, 'changed' | 'unknown'>;
  readonly notices: ChangeNotices;
  readonly metrics: WatchMetrics;
  readonly troubles: TroubleLog;
  readonly log: Logger;
  /** Mailboxes are no longer listened to: their polls are to come sooner. */
  readonly onLost: () => void;
}

/** Listens to one sync group and turns what it hears into marks on mailboxes. */
export class GroupWatch implements WatchListener {
  readonly provider: Pick<CalendarProvider, 'watch'>;
  readonly #parts: GroupWatchParts;
  readonly #log: WatchLog;
  readonly #aborter = new AbortController();
  readonly #watched = new Set<string>();
  readonly #ended: Promise<void>;
  #mailboxes: readonly WatchedMailbox[];
  #streams = 0;
  #trouble: { readonly since: number; readonly what: WatchTrouble } | null = null;

  /** Begins at once. */
  constructor(
    group: string,
    provider: Pick<CalendarProvider, 'watch'>,
    mailboxes: readonly WatchedMailbox[],
    parts: GroupWatchParts,
  ) {
    this.provider = provider;
    this.#parts = parts;
    this.#log = new WatchLog(parts.log, group, parts.troubles);
    this.#mailboxes = mailboxes;
    const request = { group, mailboxes: () => this.#mailboxes };
    this.#ended = provider.watch?.(request, this, this.#aborter.signal) ?? Promise.resolve();
  }

  /** Mailboxes whose changes are told at this moment. */
  get watched(): ReadonlySet<string> {
    return this.#watched;
  }

  get streams(): number {
    return this.#streams;
  }

  /** Milliseconds for which it has failed, and why, and whether only a stream of its accounts is lacking; null when it does well. */
  get trouble(): { readonly ms: number; readonly reason: string; readonly isLacking: boolean } | null {
    if (this.#trouble === null) return null;
    const { since, what } = this.#trouble;
    return { ms: performance.now() - since, reason: what.reason, isLacking: what.error instanceof NoStreamLeftError };
  }

  /** Who is to be listened to from now on. */
  assign(mailboxes: readonly WatchedMailbox[]): void {
    this.#mailboxes = mailboxes;
    const assigned = new Set(mailboxes.map(({ address }) => address));
    for (const mailbox of this.#watched) if (!assigned.has(mailbox)) this.#watched.delete(mailbox);
  }

  /** Ends the streams and gives back what the server keeps for them. */
  async end(): Promise<void> {
    this.#aborter.abort();
    this.#parts.notices.forget(this.#watched);
    this.#watched.clear();
    await this.#ended;
    this.#log.end();
    this.#streams = 0;
  }

  watching(mailboxes: readonly string[]): void {
    if (this.#aborter.signal.aborted) return;
    this.#streams++;
    this.#trouble = null;
    for (const mailbox of mailboxes) this.#watched.add(mailbox);
    this.#log.watching(mailboxes.length);
    this.#log.forgive(mailboxes);
    this.#parts.marks.unknown(mailboxes);
  }

  changed(mailbox: string): void {
    if (!this.#watched.has(mailbox)) return;
    this.#parts.metrics.told();
    this.#parts.notices.note(mailbox);
    this.#parts.marks.changed(mailbox);
  }

  ended(reason: string): void {
    if (this.#aborter.signal.aborted) return;
    this.#streams--;
    this.#parts.metrics.ended(reason);
  }

  left(mailboxes: readonly string[]): void {
    for (const mailbox of mailboxes) this.#watched.delete(mailbox);
    this.#parts.onLost();
  }

  lost(mailboxes: readonly string[], trouble: WatchTrouble): void {
    for (const mailbox of mailboxes) this.#watched.delete(mailbox);
    this.#trouble = { since: this.#trouble?.since ?? performance.now(), what: trouble };
    this.#log.lost(mailboxes.length, trouble);
    if (mailboxes.length > 0) this.#parts.onLost();
  }

  refused(mailbox: string, trouble: WatchTrouble): void {
    this.#parts.metrics.refused(trouble.reason);
    this.#log.refused(mailbox, trouble);
  }
}
