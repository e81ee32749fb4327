import type { EventChange } from 'calendar-db/changes';

/** Events that were planned last; of older plans only the order of planning is lost. */
const MOST_KEPT = 10_000;

/**
 * Up to which change each event was planned. A plan is made of what is true when it is made, so it covers all changes of its
 * event that were in the log by then. Kept by one planner only: another one plans these events once more.
 *
 * Without it a meeting of many people would hold up all others: each of its copies changes the same events, and only a few of
 * these fit into a batch, so the position could move by a few changes at a time, and each step would plan the same again.
 */
export class PlannedEvents {
  readonly #upTo = new Map<string, number>();
  /** What the plans were made by. */
  #basis = '';

  /** Forgets all when plans are made by other rules, or the log has another history. */
  useFor(basis: string): void {
    if (basis === this.#basis) return;
    this.#basis = basis;
    this.#upTo.clear();
  }

  /**
   * The events that some changes leave to be planned, each once: first those that were not planned lately, in the order of
   * their changes, then those whose plan is oldest. So an event does not wait for others that change all the time.
   * @param changes in the order of the log
   * @param inOrder keeps to the order of the changes
   */
  toPlan(changes: readonly EventChange[], inOrder: boolean): string[] {
    const open = changes.flatMap(({ eventId, seq }) =>
      eventId === null || this.#covers(eventId, seq) ? [] : [eventId],
    );
    const eventIds = [...new Set(open)];
    const age = (eventId: string) => this.#upTo.get(eventId) ?? 0;
    return inOrder ? eventIds : eventIds.sort((one, other) => age(one) - age(other));
  }

  /** The last change before the first one that is still to be planned; undefined when that is the first of all. */
  lastCovered(changes: readonly EventChange[], planned: readonly string[]): EventChange | undefined {
    const isPlanned = new Set(planned);
    const isOpen = ({ eventId, seq }: EventChange) =>
      eventId !== null && !isPlanned.has(eventId) && !this.#covers(eventId, seq);
    const first = changes.findIndex(isOpen);
    return first === -1 ? changes.at(-1) : changes[first - 1];
  }

  /** These events were planned by what was true when the log ended with `head` or later. */
  planned(eventIds: readonly string[], head: number): void {
    for (const eventId of eventIds) {
      this.#upTo.delete(eventId);
      this.#upTo.set(eventId, head);
    }
    for (const eventId of this.#upTo.keys()) {
      if (this.#upTo.size <= MOST_KEPT) return;
      this.#upTo.delete(eventId);
    }
  }

  #covers(eventId: string, seq: number): boolean {
    return (this.#upTo.get(eventId) ?? 0) >= seq;
  }
}
