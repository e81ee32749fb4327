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
  /** The same two counts, where a series whose master the change log names counts as one: one deletion ends it. */
  readonly told: { readonly lost: number; readonly of: number };
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
 * back; when something does, and still as much is missing, the count begins again. A series that is deleted or shortened by a
 * change that the server's log names is the loss of one item: a meeting that its organizer calls off is never held back.
 *
 * @param loss counted from the moment on at which the suspicion began, or from now
 * @param nowMs by the database's clock
 */
export function judgeLoss(suspicion: Suspicion | null, loss: Loss, nowMs: number): Verdict {
  const { lost, of, told } = loss;
  if (suspicion === null) {
    return isHeavy(told.lost, told.of)
      ? suspect({ lost, of, sinceMs: nowMs, views: 1, confirmed: false }, nowMs)
      : BELIEVED;
  }
  if (suspicion.confirmed) return BELIEVED;
  const missing = new Set(lost);
  if (!suspicion.lost.every((eventId) => missing.has(eventId))) {
    const isHeavyStill = isHeavy(lost.length, suspicion.of);
    return isHeavyStill ? suspect({ ...suspicion, lost, sinceMs: nowMs, views: 1 }, nowMs) : BELIEVED;
  }
  const views = suspicion.views + (nowMs >= dueMs(suspicion) ? 1 : 0);
  return views === VIEWS_TO_BELIEVE ? BELIEVED : suspect({ ...suspicion, views }, nowMs);
}

function isHeavy(lost: number, of: number): boolean {
  return lost > MOST_LOST && lost * 2 > of;
}

function suspect(suspicion: Omit<Suspicion, 'lost'> & Pick<Loss, 'lost'>, nowMs: number): Verdict {
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

type Coming = Pick<LiveOccurrence, 'eventId' | 'seriesId' | 'start' | 'end'>;

/** Counts the events to come of a window while they are gone through. */
export class ComingEvents {
  readonly #window: CalendarWindow;
  readonly #fromMs: number;
  readonly #changedItems: ReadonlySet<string> | null;
  readonly #toldSeries = new Set<string>();
  #count = 0;
  #inToldSeries = 0;

  /**
   * @param fromMs events that end after it count
   * @param changedItems item ids that the server's change log names; null when it named none, for it began again
   */
  constructor(window: CalendarWindow, fromMs: number, changedItems: ReadonlySet<string> | null) {
    this.#window = window;
    this.#fromMs = fromMs;
    this.#changedItems = changedItems;
  }

  /** Passes pages on. */
  async *counted(pages: AsyncIterable<readonly LiveOccurrence[]>): AsyncGenerator<readonly LiveOccurrence[]> {
    for await (const page of pages) {
      for (const event of page) if (this.#has(event)) this.#add(event);
      yield page;
    }
  }

  /** What it means that these are gone, once all pages went through. */
  loss(gone: readonly Coming[]): Loss {
    const lost = gone.filter((event) => this.#has(event));
    const inSeries = lost.map((event) => this.#toldSeriesOf(event)).filter((series) => series !== null);
    return {
      lost: lost.map(({ eventId }) => eventId),
      of: this.#count,
      told: {
        lost: lost.length - inSeries.length + new Set(inSeries).size,
        of: this.#count - this.#inToldSeries + this.#toldSeries.size,
      },
    };
  }

  #has({ start, end }: Coming): boolean {
    return end.getTime() > this.#fromMs && overlapsWindow(this.#window, start, end);
  }

  #add(event: Coming): void {
    this.#count += 1;
    const series = this.#toldSeriesOf(event);
    if (series === null) return;
    this.#inToldSeries += 1;
    this.#toldSeries.add(series);
  }

  #toldSeriesOf({ seriesId }: Coming): string | null {
    return seriesId !== null && this.#changedItems?.has(seriesId) === true ? seriesId : null;
  }
}
