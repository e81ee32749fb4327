import type { CalendarEvent } from '../calendar-event.ts';
import type { MethodReply, PushPayload } from '../methods.ts';

/** What one frame changed in the client's events. */
export interface EventChanges {
  readonly upserted: readonly CalendarEvent[];
  readonly removed: readonly string[];
  /** Present when everything up to there has been told. */
  readonly position: string | undefined;
}

/**
 * The events that a client holds, and the position up to which they are complete. A snapshot may come in parts: until
 * its last one, which carries the position, events that it has not named yet are kept, and dropped then.
 */
export class EventStore {
  readonly #events = new Map<string, CalendarEvent>();
  #position: string | undefined;
  /** While a snapshot is coming: held events that no part of it has named yet. */
  #unconfirmed: Set<string> | undefined;

  constructor(events: Iterable<CalendarEvent>, position: string | undefined) {
    for (const event of events) this.#events.set(event.eventId, event);
    this.#position = position;
  }

  get events(): ReadonlyMap<string, CalendarEvent> {
    return this.#events;
  }

  /** Where to continue from; undefined when only a snapshot helps. */
  get position(): string | undefined {
    return this.#position;
  }

  /** The position is of no more use: the gateway asked for a fresh start, or the range is another one. */
  forgetPosition(): void {
    this.#position = undefined;
  }

  applySubscription(reply: MethodReply<'subscribeEvents'>): EventChanges {
    if (reply.recovered) {
      this.#unconfirmed = undefined;
      return this.applyUpdate(reply);
    }
    this.#position = undefined;
    this.#unconfirmed = new Set(this.#events.keys());
    return this.applyUpdate({ upserted: reply.events, removed: [], position: reply.position });
  }

  applyUpdate({ upserted, removed, position }: PushPayload<'updateEvents'>): EventChanges {
    const newer = upserted.filter((event) => {
      this.#unconfirmed?.delete(event.eventId);
      const held = this.#events.get(event.eventId);
      return held === undefined || held.version <= event.version;
    });
    for (const event of newer) this.#events.set(event.eventId, event);
    const leaving = removed.filter((id) => this.#events.delete(id));
    for (const id of leaving) this.#unconfirmed?.delete(id);
    if (position !== undefined) {
      this.#position = position;
      for (const id of this.#unconfirmed ?? []) {
        this.#events.delete(id);
        leaving.push(id);
      }
      this.#unconfirmed = undefined;
    }
    return { upserted: newer, removed: leaving, position };
  }
}
