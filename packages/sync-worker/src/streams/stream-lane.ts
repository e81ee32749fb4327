import { setTimeout as pause } from 'node:timers/promises';
import type { StreamEvent } from 'ews-client';
import type { LendStreamAccount, StreamAccount, StreamSettings } from '../accounts/stream-account.ts';
import type { WatchedMailbox, WatchListener } from '../engine/calendar-watch.ts';
import { LaneSubscriptions } from './lane-subscriptions.ts';
import type { Refusals } from './refusals.ts';
import { NoStreamLeftError, streamFailure } from './stream-trouble.ts';

export interface LaneParts {
  readonly group: string;
  readonly lend: LendStreamAccount;
  readonly settings: StreamSettings;
  readonly listener: WatchListener;
  readonly refusals: Refusals;
  /** Milliseconds between two looks at who is to be listened to. */
  readonly reviewMs: number;
  /** Milliseconds that a stream is left open for before it is opened anew for the sake of mailboxes that came. */
  readonly regroupMs: number;
  /** Milliseconds for giving subscriptions back at the end. */
  readonly handBackMs: number;
}

/** Why a stream that does well is ended by us. */
class RegroupError extends Error {
  readonly code = 'sync-stream-regroup';

  constructor() {
    super('the mailboxes of the stream have changed');
    this.name = new.target.name;
  }
}

/**
 * One stream and the subscriptions behind it, kept open as long as it is wanted: the next connection follows the one that
 * the server closes, with the same subscriptions; those that the server lost are made anew. After every opening all its
 * mailboxes are told as `watching`, since nothing is replayed.
 */
export class StreamLane {
  readonly #parts: LaneParts;
  readonly #subscriptions: LaneSubscriptions;
  readonly #stopper = new AbortController();
  #members: readonly WatchedMailbox[] = [];
  #account: StreamAccount | null = null;
  /** Mailboxes that were told as `watching` and not as `left` or `lost` since. */
  #told: readonly string[] = [];
  /** Whether `watching` was told of the stream and `ended` was not. */
  #isOpen = false;
  #failures = 0;
  /** The last connection lasted as long as it was asked for. */
  #ranItsTime = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#subscriptions = new LaneSubscriptions(parts.listener, parts.refusals);
  }

  serves(mailbox: string): boolean {
    return this.#subscriptions.has(mailbox);
  }

  /** Whether a mailbox is served by other machines than this stream's. */
  isStranger(mailbox: string): boolean {
    return this.#subscriptions.strangers.has(mailbox);
  }

  /** Who is to be listened to from now on. */
  assign(members: readonly WatchedMailbox[]): void {
    this.#members = members;
  }

  /** Ends the stream, and with it `run`: nobody listens to the group any more. */
  stop(): void {
    this.#stopper.abort();
  }

  /** The same because no mailbox of the group is left for it, and says so. */
  disband(): void {
    this.#stopper.abort(new RegroupError());
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#stopper;
    while (!signal.aborted) {
      try {
        await this.#pass(signal);
      } catch (error) {
        if (!signal.aborted) await this.#failed(error, signal);
      }
    }
    if (signal.reason instanceof RegroupError) this.#tellDisbanded();
    await this.#handBack();
  }

  /** One connection from its preparation to its end. @throws what ended it, unless that was in order */
  async #pass(signal: AbortSignal): Promise<void> {
    this.#account ??= this.#parts.lend(this.#parts.group);
    if (this.#account === null) throw new NoStreamLeftError(this.#parts.group);
    await this.#review(this.#account, signal, true);
    this.#tellLeft();
    if (this.#subscriptions.size > 0) await this.#follow(this.#account, signal);
    else await pause(this.#parts.reviewMs, undefined, { signal });
  }

  /** Subscribes who came and unsubscribes who left. @returns whether the connection must be another one now */
  async #review(account: StreamAccount, signal: AbortSignal, mayJoin: boolean): Promise<boolean> {
    const wanted = new Set(this.#members.map(({ address }) => address));
    const gone = this.#subscriptions.mailboxes.filter((mailbox) => !wanted.has(mailbox));
    await this.#subscriptions.remove(gone, account, signal);
    if (!mayJoin) return gone.length > 0;
    const joining = this.#members.filter(({ address, joining }) => joining && this.#isFree(address));
    const added = await this.#subscriptions.add(
      joining.map(({ address }) => address),
      account,
      signal,
    );
    return added || gone.length > 0;
  }

  #isFree(mailbox: string): boolean {
    return !this.#subscriptions.has(mailbox) && !this.isStranger(mailbox) && !this.#parts.refusals.has(mailbox);
  }

  async #follow(account: StreamAccount, stop: AbortSignal): Promise<void> {
    const { settings, listener } = this.#parts;
    const ending = new AbortController();
    const signal = AbortSignal.any([stop, ending.signal]);
    const { affinity, ids, mailboxes } = this.#subscriptions;
    const events = await account.call(affinity.anchor, signal, async (reader) => {
      const request = { subscriptionIds: ids, ...settings, connectionMinutes: this.#minutes() };
      const stream = reader.streamEvents(affinity, request, signal);
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      return iterator;
    });
    this.#told = mailboxes;
    this.#isOpen = true;
    listener.watching(mailboxes);
    this.#ranItsTime = false;
    const keeper = this.#keepReviewed(account, ending, signal);
    try {
      await this.#read(events, account, stop);
    } catch (error) {
      if (stop.aborted || !(ending.signal.reason instanceof RegroupError)) throw error;
      this.#tellEnded('regrouped');
    } finally {
      ending.abort();
      await events.return?.();
      await keeper;
    }
    this.#tellLeft();
  }

  /**
   * How long to ask for the next connection. Each opening costs a sync of all its mailboxes, and streams that were opened
   * together would all end together: so a connection is shorter by chance, unless the one before it ran its time.
   */
  #minutes(): number {
    const { connectionMinutes } = this.#parts.settings;
    return this.#ranItsTime ? connectionMinutes : 1 + Math.floor(Math.random() * connectionMinutes);
  }

  /** Whose subscription was lost, or went with the anchor's, is listened to again only when there is another one. */
  #tellLeft(): void {
    const left = this.#told.filter((mailbox) => !this.#subscriptions.has(mailbox));
    if (left.length === 0) return;
    this.#told = this.#told.filter((mailbox) => this.#subscriptions.has(mailbox));
    this.#parts.listener.left(left);
  }

  #tellEnded(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#parts.listener.ended(reason);
  }

  #tellDisbanded(): void {
    this.#tellEnded('regrouped');
    const left = this.#told;
    this.#told = [];
    if (left.length > 0) this.#parts.listener.left(left);
  }

  async #read(events: AsyncIterator<StreamEvent>, account: StreamAccount, signal: AbortSignal): Promise<void> {
    const { listener } = this.#parts;
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      const event = next.value;
      if (event.kind === 'refused') {
        await this.#subscriptions.discard(event.subscriptionIds, account, signal);
        // Whoever lost everything tries again like one whose connection broke.
        if (this.#subscriptions.size === 0) throw event.error;
        return this.#tellEnded('subscriptions-lost');
      }
      this.#failures = 0;
      this.#subscriptions.proven();
      if (event.kind === 'closed') {
        this.#ranItsTime = true;
        return this.#tellEnded('closed');
      }
      if (event.kind === 'alive' || event.kind === 'opened') continue;
      const mailbox = this.#subscriptions.mailboxOf(event.subscriptionId);
      if (mailbox !== undefined) listener.changed(mailbox);
    }
  }

  /** While a stream is read: looks who came and left, and ends it when it must be another one. */
  async #keepReviewed(account: StreamAccount, ending: AbortController, signal: AbortSignal): Promise<void> {
    const { reviewMs, regroupMs } = this.#parts;
    // Every opening costs a sync of all its mailboxes: those that come one by one, as after a start, wait for each other.
    const joinFrom = performance.now() + regroupMs;
    while (!signal.aborted) {
      try {
        await pause(reviewMs, undefined, { signal });
        if (!account.isLent) ending.abort(new NoStreamLeftError(this.#parts.group));
        else if (await this.#review(account, signal, performance.now() >= joinFrom)) ending.abort(new RegroupError());
      } catch {
        // The server's trouble ends the stream as well, or the next look finds what is missing.
      }
    }
  }

  async #failed(error: unknown, signal: AbortSignal): Promise<void> {
    const { listener } = this.#parts;
    const account = this.#account;
    const { spoilsSubscriptions, spoilsAccount, ...trouble } = streamFailure(error, ++this.#failures, Math.random());
    const lost = this.#told;
    this.#told = [];
    this.#tellEnded(trouble.reason);
    listener.lost(lost, { ...trouble, error });
    if (spoilsSubscriptions) this.#subscriptions.drop();
    if (account !== null && (spoilsAccount || trouble.byLimit || !account.isLent)) await this.#handBack();
    await pause(trouble.retryMs, undefined, { signal }).catch(() => undefined);
  }

  /** Unsubscribes all and gives the account back. */
  async #handBack(): Promise<void> {
    const account = this.#account;
    this.#account = null;
    if (account === null) return;
    const signal = AbortSignal.timeout(this.#parts.handBackMs);
    await this.#subscriptions.remove(this.#subscriptions.mailboxes, account, signal);
    this.#subscriptions.drop();
    account.giveBack();
  }
}
