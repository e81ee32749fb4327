import type { Affinity } from 'ews-client';
import type { StreamAccount } from '../accounts/stream-account.ts';
import type { WatchListener } from '../engine/calendar-watch.ts';
import type { Refusals } from './refusals.ts';
import { subscribeFailure } from './stream-trouble.ts';

/** Subscribe calls of one stream at the same time: syncs of the same account go on beside them. */
const AT_ONCE = 2;
/** An id that a server says is none twice, before anything came of it, is of a mailbox that is served elsewhere. */
const MOST_SPOILT = 2;
const SPOILT_MS = 600_000;

/** The subscriptions behind one stream: all on the anchor's machine, all made by one account. */
export class LaneSubscriptions {
  /** Mailboxes that the anchor's machine does not serve. */
  readonly strangers = new Set<string>();
  readonly #listener: WatchListener;
  readonly #refusals: Refusals;
  readonly #idOf = new Map<string, string>();
  readonly #mailboxOf = new Map<string, string>();
  readonly #spoilt = new Map<string, number>();
  #affinity: Affinity | null = null;

  constructor(listener: WatchListener, refusals: Refusals) {
    this.#listener = listener;
    this.#refusals = refusals;
  }

  /** @throws Error when there is no subscription */
  get affinity(): Affinity {
    if (this.#affinity === null) throw new Error('a stream without subscriptions has no anchor');
    return this.#affinity;
  }

  get mailboxes(): string[] {
    return [...this.#idOf.keys()];
  }

  get ids(): string[] {
    return [...this.#idOf.values()];
  }

  get size(): number {
    return this.#idOf.size;
  }

  has(mailbox: string): boolean {
    return this.#idOf.has(mailbox);
  }

  mailboxOf(subscriptionId: string): string | undefined {
    return this.#mailboxOf.get(subscriptionId);
  }

  /**
   * Subscribes mailboxes, the first one that can be as the anchor if there is none. One that is refused is left out.
   * @returns whether any was added @throws what concerns the server or the account
   */
  async add(mailboxes: readonly string[], account: StreamAccount, signal: AbortSignal): Promise<boolean> {
    const before = this.size;
    const left = mailboxes.filter((mailbox) => !this.has(mailbox));
    while (this.#affinity === null) {
      const anchor = left.shift();
      if (anchor === undefined) return false;
      await this.#subscribe(anchor, account, signal);
    }
    const failures: unknown[] = [];
    const work = async () => {
      for (let mailbox = left.shift(); mailbox !== undefined && failures.length === 0; mailbox = left.shift()) {
        await this.#subscribe(mailbox, account, signal).catch((error) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (failures.length > 0) throw failures[0];
    return this.size > before;
  }

  /**
   * Ends the subscriptions of mailboxes; with the anchor's, all. One that the server does not end now ends by itself
   * before long.
   */
  async remove(mailboxes: readonly string[], account: StreamAccount, signal: AbortSignal): Promise<void> {
    const affinity = this.#affinity;
    if (affinity === null) return;
    const leaving = mailboxes.includes(affinity.anchor) ? this.mailboxes : mailboxes;
    const ids = leaving.map((mailbox) => ({ mailbox, id: this.#forget(mailbox) }));
    await Promise.all(
      ids.map(async ({ mailbox, id }) => {
        if (id === undefined) return;
        await account
          .callAtOnce(mailbox, signal, (reader) => reader.unsubscribe(mailbox, id, affinity, signal))
          .catch(() => undefined);
      }),
    );
  }

  /**
   * The server says that these are none: they are forgotten, to be made anew; with the anchor's, all, since its machine
   * may be another one now.
   */
  async discard(subscriptionIds: readonly string[], account: StreamAccount, signal: AbortSignal): Promise<void> {
    const affinity = this.#affinity;
    const mailboxes = subscriptionIds.flatMap((id) => this.#mailboxOf.get(id) ?? []);
    for (const mailbox of mailboxes) this.#countSpoilt(mailbox, mailbox === affinity?.anchor);
    const isAnchorless = affinity !== null && mailboxes.includes(affinity.anchor);
    for (const mailbox of mailboxes) if (mailbox !== affinity?.anchor) this.#forget(mailbox);
    if (!isAnchorless) return;
    this.#mailboxOf.delete(this.#idOf.get(affinity.anchor) ?? '');
    this.#idOf.delete(affinity.anchor);
    await this.remove([affinity.anchor], account, signal);
    this.drop();
  }

  /** Something came through the stream: its subscriptions are sound. */
  proven(): void {
    this.#spoilt.clear();
  }

  /** Forgets all, without a word to the server; who was a stranger may be none to the next anchor. */
  drop(): void {
    this.#idOf.clear();
    this.#mailboxOf.clear();
    this.#affinity = null;
    this.strangers.clear();
  }

  #countSpoilt(mailbox: string, isAnchor: boolean): void {
    const times = (this.#spoilt.get(mailbox) ?? 0) + 1;
    this.#spoilt.set(mailbox, times);
    if (times < MOST_SPOILT) return;
    if (isAnchor) this.#refusals.add(mailbox, SPOILT_MS);
    else this.strangers.add(mailbox);
  }

  async #subscribe(mailbox: string, account: StreamAccount, signal: AbortSignal): Promise<void> {
    const affinity = this.#affinity ?? { anchor: mailbox, cookie: null };
    try {
      const made = await account.call(mailbox, signal, (reader) => reader.subscribe(mailbox, affinity, signal));
      this.#affinity ??= { anchor: mailbox, cookie: made.cookie };
      this.#idOf.set(mailbox, made.subscriptionId);
      this.#mailboxOf.set(made.subscriptionId, mailbox);
    } catch (error) {
      signal.throwIfAborted();
      const failure = subscribeFailure(error, affinity.anchor === mailbox, Math.random());
      if (failure.reach === 'all') throw error;
      if (failure.reach === 'elsewhere') this.strangers.add(mailbox);
      else {
        const { reason, retryMs } = failure;
        this.#refusals.add(mailbox, retryMs);
        this.#listener.refused(mailbox, { reason, retryMs, byLimit: reason === 'limit', isReported: false, error });
      }
    }
  }

  #forget(mailbox: string): string | undefined {
    const id = this.#idOf.get(mailbox);
    this.#idOf.delete(mailbox);
    if (id !== undefined) this.#mailboxOf.delete(id);
    if (this.#idOf.size === 0) this.drop();
    return id;
  }
}
