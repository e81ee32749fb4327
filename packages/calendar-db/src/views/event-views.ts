import { defineQuery, type Queryable } from '../database/query.ts';
import type { EventView } from './event-view.ts';
import { SHOWN_COLUMNS, viewsOfRows } from './shown-row.ts';

const sql = {
  read: defineQuery('views/read-event-views', {
    params: ['text[]', 'uuid[]', 'boolean'],
    row: { version: 'double precision' },
    outer: SHOWN_COLUMNS,
  }),
  list: defineQuery('views/list-event-views', {
    params: ['text[]', 'timestamptz', 'timestamptz', 'boolean', 'timestamptz?', 'uuid?', 'integer'],
    row: { version: 'double precision' },
    outer: SHOWN_COLUMNS,
  }),
};

export interface ViewerEvent {
  /** Canonical address. */
  readonly viewer: string;
  readonly eventId: string;
}

export interface ViewRules {
  /** `privacy.viewers: participants`: people without a cached mailbox see the events that name them. */
  readonly participants: boolean;
}

/** Views of one moment; `version` is the log's head in the same snapshot. */
interface EventViews {
  readonly version: number;
  readonly views: EventView[];
}

interface EventRange extends ViewRules {
  /** Inclusive: what ends at it is not meant, what begins at it is. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** Views on a page; all viewers of an event are on the same page, so there may be some more. */
  readonly limit: number;
  /** The last event of the page before, or null for the first page. */
  readonly after: { readonly start: Date; readonly eventId: string } | null;
}

/**
 * What each of many people sees of each of many events, in one snapshot. A pair without a view is not in the result:
 * the event is gone, or he may not see it.
 */
export async function readEventViews(
  db: Queryable,
  pairs: readonly ViewerEvent[],
  rules: ViewRules,
): Promise<EventViews> {
  const values = [pairs.map((pair) => pair.viewer), pairs.map((pair) => pair.eventId), rules.participants] as const;
  const { rows } = await db.query(sql.read, values);
  return { version: rows[0]?.version ?? 0, views: viewsOfRows(rows.filter((row) => row.viewer !== null)) };
}

/**
 * What people see in a range of time, ordered by start and event id, page by page.
 * @returns `more` when there may be another page
 */
export async function listEventViews(
  db: Queryable,
  viewers: readonly string[],
  range: EventRange,
): Promise<EventViews & { readonly more: boolean }> {
  const { from, to, limit, after, participants } = range;
  const values = [viewers, from, to, participants, after?.start ?? null, after?.eventId ?? null, limit + 1] as const;
  const { rows } = await db.query(sql.list, values);
  const shown = viewsOfRows(rows.filter((row) => row.viewer !== null));
  const last = shown[limit - 1];
  const views = shown.filter((view, place) => place < limit || (last !== undefined && isTie(view, last)));
  return { version: rows[0]?.version ?? 0, views, more: shown.length > limit };
}

function isTie(view: EventView, last: EventView): boolean {
  return view.eventId === last.eventId && view.start.getTime() === last.start.getTime();
}
