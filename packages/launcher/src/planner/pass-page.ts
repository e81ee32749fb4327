import { BEFORE_ALL_EVENTS, listPlannableEvents, listSoonestEvents } from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';

/** What one turn plans of a full pass. */
export interface PassPage {
  readonly ids: readonly string[];
  /** How many of them no other page has. */
  readonly events: number;
  /** Where the next page begins; null when this is the last one. */
  readonly last: string | null;
}

/**
 * Reads the next page of a full pass. The first one has the events that begin soonest, as many as a page holds, so that
 * they never wait for thousands that begin in weeks; all others come in order of their ids, and have these once more.
 * @param after last event of the page before; null: this is the first one
 * @param most events on a page
 */
export async function readPassPage(client: Queryable, after: string | null, most: number): Promise<PassPage> {
  if (after === null) {
    return { ids: await listSoonestEvents(client, most), events: 0, last: BEFORE_ALL_EVENTS };
  }
  const ids = await listPlannableEvents(client, after, most);
  return { ids, events: ids.length, last: ids.length < most ? null : (ids.at(-1) ?? null) };
}
