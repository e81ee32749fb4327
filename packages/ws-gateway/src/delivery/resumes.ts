import { readTouchedEvents, readTouchedEventsOf } from 'calendar-db/changes';
import type { Queryable } from 'calendar-db/database';

const GATHER_MS = 20;
/** More ids than that are told by a snapshot. */
const MOST_RESUMED_EVENTS = 5_000;
/** Positions within so many changes of the head share one scan of the log. */
const RECENT_CHANGES = 5_000;
const OLDER_AT_A_TIME = 4;

/** What changed for somebody; `tooMuch`: only a snapshot tells it. */
export type Missed = { readonly tooMuch: true } | { readonly tooMuch: false; readonly ids: ReadonlySet<string> };

interface Waiting {
  readonly viewers: readonly string[];
  readonly after: number;
  resolve(missed: Missed): void;
  reject(error: unknown): void;
}

interface TouchedOfOne {
  readonly eventIds: readonly string[];
  readonly resync: boolean;
}

/**
 * Finds out what clients missed that come back. After a restart thousands do at once, so they are gathered for a moment
 * and looked up together.
 */
export class Resumes {
  readonly #database: Queryable;
  readonly #head: () => number;
  #waiting: Waiting[] = [];

  /** @param head number of the newest change that was handed on */
  constructor(database: Queryable, head: () => number) {
    this.#database = database;
    this.#head = head;
  }

  /**
   * What changed for a person since a position of the current epoch that the log reaches.
   *
   * @param viewers his canonical addresses
   */
  missed(viewers: readonly string[], after: number): Promise<Missed> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ viewers, after, resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => void this.#answer(), GATHER_MS);
    });
  }

  async #answer(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const head = this.#head();
    const isRecent = (one: Waiting) => head - one.after <= RECENT_CHANGES;
    const older = waiting.filter((one) => !isRecent(one));
    const lanes = Array.from({ length: OLDER_AT_A_TIME }, async () => {
      for (let one = older.pop(); one !== undefined; one = older.pop()) await this.#answerOne(one, head);
    });
    await Promise.all([this.#answerTogether(waiting.filter(isRecent), head), ...lanes]);
  }

  async #answerTogether(waiting: readonly Waiting[], head: number): Promise<void> {
    const asked = waiting.flatMap((one) => one.viewers.map((viewer) => ({ viewer, after: one.after })));
    try {
      const touched = await readTouchedEvents(this.#database, asked, head, MOST_RESUMED_EVENTS);
      let place = 0;
      for (const one of waiting) {
        one.resolve(summary(touched.slice(place, place + one.viewers.length)));
        place += one.viewers.length;
      }
    } catch (error) {
      for (const one of waiting) one.reject(error);
    }
  }

  async #answerOne(one: Waiting, head: number): Promise<void> {
    try {
      const touched: TouchedOfOne[] = [];
      for (const viewer of one.viewers) {
        const who = { viewer, after: one.after };
        touched.push(await readTouchedEventsOf(this.#database, who, head, MOST_RESUMED_EVENTS));
      }
      one.resolve(summary(touched));
    } catch (error) {
      one.reject(error);
    }
  }
}

function summary(touched: readonly TouchedOfOne[]): Missed {
  const ids = new Set(touched.flatMap((one) => one.eventIds));
  const tooMuch = touched.some((one) => one.resync) || ids.size > MOST_RESUMED_EVENTS;
  return tooMuch ? { tooMuch } : { tooMuch, ids };
}
