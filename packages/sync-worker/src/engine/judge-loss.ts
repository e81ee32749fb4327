import type { LiveOccurrence, Suspicion } from 'calendar-db/sync';
import { type CalendarWindow, overlapsWindow } from 'calendar-model';

/** No more than so many may be missing before anything is doubted. */
const MOST_LOST = 10;
/** Complete views that have to agree, and the milliseconds between two of them. */
const VIEWS_TO_BELIEVE = 3;
const BETWEEN_VIEWS_MS = 900_000;

/** What a complete view lacks of the events to come, in the part of the window that the view before it covered too. */
export interface Loss {
  /** Ids of those that are missing. */
  readonly lost: readonly string[];
  /** How many the cache holds. */
  readonly of: number;
}

/** What is made of a complete view. */
export interface Verdict {
  /** Null: it is believed. */
  readonly suspicion: Suspicion | null;
  /** Seconds until it is looked at again; null where the view is believed. */
  readonly againSeconds: number | null;
}

const BELIEVED: Verdict = { suspicion: null, againSeconds: null };

/**
 * Whether a complete view is believed. One that lacks more than half of a mailbox's events to come, and more than ten, is
 * not, until three such views, at 0, 15 and 30 minutes, agree, or an administrator does: after a recovery without data, or
 * with a mailbox made anew, the server says truthfully that it has nothing. Views agree while nothing that was missing comes
 * back; when something does, and still as much is missing, the count begins anew.
 *
 * @param loss counted from the moment on at which the suspicion began, or from now
 * @param nowMs by the database's clock
 */
export function judgeLoss(suspicion: Suspicion | null, loss: Loss, nowMs: number): Verdict {
  const { lost } = loss;
  const isHeavy = lost.length > MOST_LOST && lost.length * 2 > (suspicion?.of ?? loss.of);
  if (suspicion === null)
    return isHeavy ? suspect({ ...loss, sinceMs: nowMs, views: 1, confirmed: false }, nowMs) : BELIEVED;
  if (suspicion.confirmed) return BELIEVED;
  const missing = new Set(lost);
  if (!suspicion.lost.every((eventId) => missing.has(eventId))) {
    return isHeavy ? suspect({ ...suspicion, lost, sinceMs: nowMs, views: 1 }, nowMs) : BELIEVED;
  }
  const views = suspicion.views + (nowMs >= dueMs(suspicion) ? 1 : 0);
  return views === VIEWS_TO_BELIEVE ? BELIEVED : suspect({ ...suspicion, views }, nowMs);
}

function suspect(suspicion: Omit<Suspicion, 'lost'> & Loss, nowMs: number): Verdict {
  return {
    suspicion: { ...suspicion, lost: [...suspicion.lost] },
    againSeconds: Math.max(0, dueMs(suspicion) - nowMs) / 1000,
  };
}

function dueMs({ sinceMs, views }: Pick<Suspicion, 'sinceMs' | 'views'>): number {
  return sinceMs + views * BETWEEN_VIEWS_MS;
}

/** The part of a window that the view before covered too: all of it when that is not known. */
export function commonWindow(
  window: CalendarWindow,
  before: { readonly windowFrom: Date | null; readonly windowTo: Date | null },
): CalendarWindow {
  const { windowFrom, windowTo } = before;
  return {
    from: windowFrom !== null && windowFrom > window.from ? windowFrom : window.from,
    to: windowTo !== null && windowTo < window.to ? windowTo : window.to,
  };
}

/** Counts the events to come of a window while they are gone through. */
export class ComingEvents {
  readonly #window: CalendarWindow;
  readonly #fromMs: number;
  #count = 0;

  /** @param fromMs events that end after it count */
  constructor(window: CalendarWindow, fromMs: number) {
    this.#window = window;
    this.#fromMs = fromMs;
  }

  /** So many went through. */
  get count(): number {
    return this.#count;
  }

  has({ start, end }: Pick<LiveOccurrence, 'start' | 'end'>): boolean {
    return end.getTime() > this.#fromMs && overlapsWindow(this.#window, start, end);
  }

  /** Passes pages on. */
  async *counted(pages: AsyncIterable<readonly LiveOccurrence[]>): AsyncGenerator<readonly LiveOccurrence[]> {
    for await (const page of pages) {
      this.#count += page.filter((event) => this.has(event)).length;
      yield page;
    }
  }
}
