import type { CalendarEvent } from 'gateway-protocol';
import type { Subscription } from '../connections/subscription.ts';

/** Most JSON of events in one frame. */
export const MOST_PART_BYTES = 256 * 1024;

/** What fits into one frame. */
export interface UpdatePart {
  readonly upserted: readonly CalendarEvent[];
  /** The same events as JSON, so that nothing is written twice. */
  readonly texts: readonly string[];
  readonly removed: readonly string[];
  /** Ids for which there was no room. */
  readonly left: readonly string[];
}

/** Parts ids into events to show, ids to take away, and what has to wait. At least one event always fits. */
export function updatePart(
  ids: readonly string[],
  events: ReadonlyMap<string, CalendarEvent>,
  subscription: Subscription,
): UpdatePart {
  const upserted: CalendarEvent[] = [];
  const texts: string[] = [];
  const removed: string[] = [];
  let bytes = 0;
  for (const [index, id] of ids.entries()) {
    const event = events.get(id);
    if (event === undefined || !subscription.covers(event)) {
      removed.push(id);
      continue;
    }
    const text = JSON.stringify(event);
    bytes += Buffer.byteLength(text);
    if (bytes > MOST_PART_BYTES && texts.length > 0) return { upserted, texts, removed, left: ids.slice(index) };
    upserted.push(event);
    texts.push(text);
  }
  return { upserted, texts, removed, left: [] };
}
