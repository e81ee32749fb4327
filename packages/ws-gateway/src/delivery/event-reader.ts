import type { Queryable } from 'calendar-db/database';
import { type EventView, readEventViews, type ViewerEvent, type ViewRules } from 'calendar-db/views';
import type { CalendarEvent } from 'gateway-protocol';
import { type UserIdOf, wireEvent } from './event-mapping.ts';

/** Pairs in one query: about 9 ms of the database's time per thousand. */
const PAIRS_PER_QUERY = 2_000;
/**
 * Events in one query, whose lists of people come once for all their viewers: about 0.2 kB a person, so 75 MB at most when all
 * are meetings of 1,500 people.
 */
const EVENTS_PER_QUERY = 250;
const QUERIES_AT_A_TIME = 2;

/** Whose eyes to look through, and at what. */
export interface WantedEvents {
  /** Canonical addresses of one person. */
  readonly viewers: readonly string[];
  readonly ids: readonly string[];
}

export interface EventReaderOptions {
  readonly database: Queryable;
  readonly rules: () => ViewRules;
  readonly userIdOf: UserIdOf;
}

type FoundViews = ReadonlyMap<string, { readonly view: EventView; readonly version: number }>;

interface Reading {
  readonly wishes: readonly WantedEvents[];
  resolve(found: FoundViews): void;
  reject(error: unknown): void;
}

/**
 * Reads what people see of events. Readings that come while the database is busy with others are put together in one
 * query: most of a small one's time is its planning.
 */
export class EventReader {
  readonly #options: EventReaderOptions;
  #waiting: Reading[] = [];
  #underWay = 0;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  get userIdOf(): UserIdOf {
    return this.#options.userIdOf;
  }

  /**
   * @returns for each wish, in order: the events that are to be seen, by id; what is missing is not to be seen. All are
   * as they were at some moment after the call.
   */
  async read(wishes: readonly WantedEvents[], attendeesFrom = 0): Promise<Map<string, CalendarEvent>[]> {
    const found = await new Promise<FoundViews>((resolve, reject) => {
      this.#waiting.push({ wishes, resolve, reject });
      this.#begin();
    });
    return wishes.map(({ viewers, ids }) => {
      const events = new Map<string, CalendarEvent>();
      for (const id of ids) {
        const seen = viewers.flatMap((viewer) => found.get(pairKey(viewer, id)) ?? []);
        const best = bestView(seen.map(({ view }) => view));
        const version = Math.min(...seen.map((one) => one.version));
        if (best) events.set(id, wireEvent(best, { version, userIdOf: this.#options.userIdOf, attendeesFrom }));
      }
      return events;
    });
  }

  /** Begins as many queries as may be under way, each with all that waits and fits. */
  #begin(): void {
    while (this.#underWay < QUERIES_AT_A_TIME && this.#waiting.length > 0) {
      let room = PAIRS_PER_QUERY;
      const readings: Reading[] = [];
      for (
        let next = this.#waiting[0];
        next !== undefined && (readings.length === 0 || pairCount(next) <= room);
        next = this.#waiting[0]
      ) {
        this.#waiting.shift();
        room -= pairCount(next);
        readings.push(next);
      }
      this.#underWay++;
      void this.#answer(readings).finally(() => {
        this.#underWay--;
        this.#begin();
      });
    }
  }

  async #answer(readings: readonly Reading[]): Promise<void> {
    try {
      const found = await this.#readPairs(distinctPairs(readings.flatMap(({ wishes }) => wishes)));
      for (const reading of readings) reading.resolve(found);
    } catch (error) {
      for (const reading of readings) reading.reject(error);
    }
  }

  async #readPairs(pairs: readonly ViewerEvent[]): Promise<FoundViews> {
    const found = new Map<string, { view: EventView; version: number }>();
    for (const part of queryParts(pairs)) {
      const { version, views } = await readEventViews(this.#options.database, part, this.#options.rules());
      for (const view of views) found.set(pairKey(view.viewer, view.eventId), { view, version });
    }
    return found;
  }
}

function pairCount({ wishes }: Reading): number {
  return wishes.reduce((count, { viewers, ids }) => count + viewers.length * ids.length, 0);
}

/** Of several addresses of one person the one that shows most: his own mailbox, then a whole event, then any. */
export function bestView(views: readonly EventView[]): EventView | undefined {
  return views.find((view) => view.own) ?? views.find((view) => !view.masked) ?? views[0];
}

function distinctPairs(wishes: readonly WantedEvents[]): ViewerEvent[] {
  const pairs = new Map<string, ViewerEvent>();
  for (const { viewers, ids } of wishes) {
    for (const viewer of viewers) {
      for (const eventId of ids) pairs.set(pairKey(viewer, eventId), { viewer, eventId });
    }
  }
  return [...pairs.values()];
}

/** Pairs of the same event stay together, so that its lists come with as few queries as can be. */
function queryParts(pairs: readonly ViewerEvent[]): ViewerEvent[][] {
  const parts: ViewerEvent[][] = [];
  let part: ViewerEvent[] = [];
  let events = 0;
  for (const ofEvent of Map.groupBy(pairs, ({ eventId }) => eventId).values()) {
    events++;
    for (const pair of ofEvent) {
      if (part.length === PAIRS_PER_QUERY || events > EVENTS_PER_QUERY) {
        parts.push(part);
        [part, events] = [[], 1];
      }
      part.push(pair);
    }
  }
  return part.length === 0 ? parts : [...parts, part];
}

function pairKey(viewer: string, eventId: string): string {
  return `${eventId} ${viewer}`;
}
