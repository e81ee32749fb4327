import { BEFORE_ALL_EVENTS, listPlannableEvents, listSoonestEvents } from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';

/** A page of a full pass. */
export interface PassPage {
  readonly ids: readonly string[];
  /** It is the first one, which has an order of its own; all others have its events once more. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Where a full pass stands after some events of a page. */
export interface PassProgress {
  /** How many events that no other page has were gone through. */
  readonly events: number;
  /** After which event it goes on; null: with the first page. */
  readonly after: string | null;
  readonly isComplete: boolean;
}

/**
 * Reads the next page of a full pass. The first one has the events that begin soonest, so that they never wait for
 * thousands that begin in weeks; all others come in order of their ids.
 * @param after last event that was gone through; null: the first page is not complete
 * @param gone events of the first page that were gone through
 * @param most events on a page
 */
export async function readPassPage(
  client: Queryable,
  after: string | null,
  gone: ReadonlySet<string>,
  most: number,
): Promise<PassPage> {
  if (after === null) {
    const soonest = await listSoonestEvents(client, most);
    return { ids: soonest.filter((id) => !gone.has(id)), isFirst: true, isLast: false };
  }
  const ids = await listPlannableEvents(client, after, most);
  return { ids, isFirst: false, isLast: ids.length < most };
}

/** Where the pass stands after the first `count` events of a page. */
export function progressAfter({ ids, isFirst, isLast }: PassPage, count: number): PassProgress {
  const isWhole = count === ids.length;
  if (isFirst) return { events: 0, after: isWhole ? BEFORE_ALL_EVENTS : null, isComplete: false };
  return { events: count, after: ids[count - 1] ?? null, isComplete: isLast && isWhole };
}
