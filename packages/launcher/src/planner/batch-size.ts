/** Few enough that the log's lock is held for milliseconds. */
export const MOST_EVENTS = 200;

/** An event that cannot be planned. */
export interface FailedEvent {
  readonly eventId: string;
  readonly error: unknown;
}

/** Planning some events together failed by what one of them may have caused. Nothing of it stays. */
export class BatchFailedError extends Error {
  readonly code = 'planner-batch-failed';
  /** The events, in their order. */
  readonly eventIds: readonly string[];

  constructor(eventIds: readonly string[], cause: unknown) {
    super(`${eventIds.length} event(s) could not be planned together`, { cause });
    this.name = new.target.name;
    this.eventIds = eventIds;
  }
}

/**
 * How many of a row of events are planned together. After a failure the first half of them is tried, and so on down to the
 * event that fails alone; what follows a half that was planned holds the failing event, so it is halved at once.
 */
export class BatchSize {
  /** So many of the next events are known to hold one that fails. */
  #suspects = 0;
  #alone: FailedEvent | null = null;

  /** How many of the next events may be planned together. */
  get most(): number {
    return this.#suspects === 0 ? MOST_EVENTS : Math.ceil(this.#suspects / 2);
  }

  /** One of the next events is known to fail: the order of events is to stay as it is. */
  get isReduced(): boolean {
    return this.#suspects > 0;
  }

  /** The next event, if it is known that it cannot be planned alone. */
  failedAlone(next: string | undefined): FailedEvent | null {
    return this.#alone?.eventId === next ? this.#alone : null;
  }

  failed({ eventIds, cause }: BatchFailedError): void {
    const [first] = eventIds;
    this.#suspects = eventIds.length;
    this.#alone = eventIds.length === 1 && first !== undefined ? { eventId: first, error: cause } : null;
  }

  /** So many of the next events were gone through. */
  passed(events: number): void {
    this.#suspects = Math.max(0, this.#suspects - events);
    this.#alone = null;
  }
}
