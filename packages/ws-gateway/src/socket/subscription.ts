import { DirtyEvents } from '../delivery/dirty-events.ts';

/** What one socket wants to be told of, and what it has not been told yet. */
export class Subscription {
  readonly from: number;
  readonly to: number;
  readonly dirty = new DirtyEvents();
  /** Pushes wait until the reply to the subscription is out. */
  held = true;
  /** Why the client has to subscribe again; nothing else is told any more then. */
  resync: string | undefined;
  /** Steady milliseconds when a position was told last. */
  toldAt: number;
  /** A position is to be told though nothing changed. */
  positionDue = false;
  /** Database time (unix ms) of the oldest change that waits, for the latency metric. */
  oldestChangeAt: number | undefined;

  /** @param range unix ms, `to` exclusive. @param now steady milliseconds */
  constructor(range: { readonly from: number; readonly to: number }, now: number) {
    this.from = range.from;
    this.to = range.to;
    this.toldAt = now;
  }

  /** Whether there is anything to tell. */
  get hasNews(): boolean {
    return this.resync !== undefined || this.dirty.size > 0 || this.positionDue;
  }

  mark(eventId: string, changedAt: number, limit: number): void {
    if (this.resync !== undefined) return;
    this.dirty.mark(eventId);
    this.oldestChangeAt ??= changedAt;
    if (this.dirty.changed > limit) this.startOver('more changed than could be told');
  }

  startOver(reason: string): void {
    this.resync = reason;
    this.dirty.clear();
  }

  /** Whether an event belongs to the range; one without length counts at its start. */
  covers(event: { readonly start: number; readonly end: number }): boolean {
    return event.start < this.to && (event.end > this.from || event.start >= this.from);
  }
}
