import type { LiveOccurrence } from 'calendar-db/sync';
import { type CalendarWindow, overlapsWindow } from 'calendar-model';

export interface GoneInput {
  /** The window that was read, whole. */
  readonly window: CalendarWindow;
  /** All live events of the cache, page by page. */
  readonly live: AsyncIterable<readonly LiveOccurrence[]>;
  /** Ids of all events that the view showed and that are, or will be, in the cache as it showed them. */
  readonly shown: { has(eventId: string): boolean };
  /** Item ids that came unreadable or could not be described; null stands for one whose id is unknown. */
  readonly doubtful: ReadonlySet<string | null>;
}

/**
 * The cached events that are gone: those of the window that a complete view no longer shows. Whatever came unreadable, or
 * could not be described, keeps the events that its item id stood for (a master's: all of its series), and an unreadable
 * item without an id keeps everything.
 */
export async function goneEvents({ window, live, shown, doubtful }: GoneInput): Promise<LiveOccurrence[]> {
  const gone: LiveOccurrence[] = [];
  if (doubtful.has(null)) return gone;
  for await (const page of live) {
    gone.push(
      ...page.filter(
        ({ eventId, itemId, seriesId, start, end }) =>
          overlapsWindow(window, start, end) &&
          !shown.has(eventId) &&
          !doubtful.has(itemId) &&
          !doubtful.has(seriesId ?? itemId),
      ),
    );
  }
  return gone;
}
