import { DirtyEvents } from './dirty-events.ts';

/** A quiet subscriber gets a position this often. */
const POSITION_EVERY_MS = 60_000;

export interface EventRange {
  /** Unix ms. */
  readonly from: number;
  /** Unix ms, exclusive. */
  readonly to: number;
}

/** The events of one push. */
export interface Batch {
  readonly ids: readonly string[];
  /** Nothing is left behind, so a position may go along. */
  readonly whole: boolean;
  /** Database time (unix ms) of the oldest change that waited, for the latency metric. */
  readonly oldestChangeAt: number | undefined;
}

/** The range that one connection shows, and the events that its client does not have in their newest state. */
export class Subscription {
  readonly from: number;
  readonly to: number;
  readonly #dirty = new DirtyEvents();
  #held = true;
  #resync: string | undefined;
  #positionDue = false;
  /** When a position was sent last, steady milliseconds. */
  #positionAt: number;
  #oldestChangeAt: number | undefined;

  /** @param now steady milliseconds */
  constructor({ from, to }: EventRange, now: number) {
    this.from = from;
    this.to = to;
    this.#positionAt = now;
  }

  /** Why the client has to subscribe again, if it has to; no events are pushed any more then. */
  get resync(): string | undefined {
    return this.#resync;
  }

  /** How many events wait. */
  get size(): number {
    return this.#dirty.size;
  }

  /** Whether there is anything to push. */
  get hasNews(): boolean {
    return !this.#held && (this.#resync !== undefined || this.#dirty.size > 0 || this.#positionDue);
  }

  /** Lets pushes go: the reply to the subscription is out. */
  release(): void {
    this.#held = false;
  }

  /** These events belong to the snapshot or to what was missed, and the client has not got them yet. */
  owe(ids: Iterable<string>): void {
    this.#dirty.owe(ids);
  }

  /**
   * An event changed.
   *
   * @param changedAt unix ms by the database's clock
   * @param limit most changes that may wait; beyond it the client starts over
   */
  mark(eventId: string, changedAt: number, limit: number): void {
    if (this.#resync !== undefined) return;
    this.#dirty.mark(eventId);
    this.#oldestChangeAt ??= changedAt;
    if (this.#dirty.changed > limit) this.startOver('more changed than could be told');
  }

  /** The client has to subscribe again. */
  startOver(reason: string): void {
    this.#resync = reason;
    this.#dirty.clear();
  }

  /** Takes at most `limit` events for a push. */
  take(limit: number): Batch {
    const { ids, whole } = this.#dirty.take(limit);
    const oldestChangeAt = this.#oldestChangeAt;
    if (whole) this.#oldestChangeAt = undefined;
    this.#positionDue = false;
    return { ids, whole, oldestChangeAt };
  }

  /** A batch could not be pushed. Its events go into the next one, before all others. */
  giveBack({ ids, oldestChangeAt }: Batch): void {
    this.#dirty.owe(ids);
    this.#oldestChangeAt = oldestChangeAt ?? this.#oldestChangeAt;
  }

  /** A position was pushed. @param now steady milliseconds */
  positionSent(now: number): void {
    this.#positionAt = now;
  }

  /**
   * Asks for a push with a position alone when the last position is a minute old.
   *
   * @param now steady milliseconds
   * @returns whether it is due
   */
  isPositionDue(now: number): boolean {
    if (now - this.#positionAt < POSITION_EVERY_MS) return false;
    this.#positionDue = true;
    return true;
  }

  /** Whether an event belongs to the range; one without length counts at its start. */
  covers(event: { readonly start: number; readonly end: number }): boolean {
    return event.start < this.to && (event.end > this.from || event.start >= this.from);
  }
}
