import type { LiveOccurrence } from 'calendar-db';
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
 * Ids of the cached events that are gone: those of the window that a complete view no longer shows. Whatever came
 * unreadable, or could not be described, keeps the event that its item id stood for, and an unreadable item without an id
 * keeps everything.
 */
export async function goneEvents({ window, live, shown, doubtful }: GoneInput): Promise<string[]> {
  const gone: string[] = [];
  if (doubtful.has(null)) return gone;
  for await (const page of live) {
    for (const { eventId, itemId, start, end } of page) {
      if (!overlapsWindow(window, start, end) || shown.has(eventId) || doubtful.has(itemId)) continue;
      gone.push(eventId);
    }
  }
  return gone;
}
