import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  recent: defineQuery('changes/read-touched', {
    params: ['text[]', 'bigint[]', 'bigint', 'bigint', 'integer'],
    row: { place: 'integer', resync: 'boolean', eventIds: 'text[]' },
  }),
  older: defineQuery('changes/read-touched-for-viewer', {
    params: ['text', 'bigint', 'bigint', 'integer'],
    row: { resync: 'boolean', eventIds: 'text[]' },
  }),
};

/** Somebody (canonical address) who knows everything up to a position and waits for what came since. */
interface WaitingViewer {
  readonly viewer: string;
  /** Number of the last change that is known, of the current epoch. */
  readonly after: number;
}

/** What a viewer has to look at again. */
interface TouchedEvents extends WaitingViewer {
  /** Distinct ids of events whose view may differ; one more than the limit when there are too many. */
  readonly eventIds: string[];
  /** His whole view may differ (mailbox cached, alias learned …), or the log no longer reaches back so far. */
  readonly resync: boolean;
}

/**
 * What came for many waiting viewers: one scan of the log from the furthest-back position on. Meant for positions a few
 * thousand changes back at most.
 *
 * @param upTo number of the last change to regard
 * @param limit most event ids that a viewer is worth; `limit + 1` ids say that there are more
 * @returns one entry per waiting viewer, in the order given
 */
export async function readTouchedEvents(
  db: Queryable,
  waiting: readonly WaitingViewer[],
  upTo: number,
  limit: number,
): Promise<TouchedEvents[]> {
  if (waiting.length === 0) return [];
  const viewers = waiting.map((one) => one.viewer);
  const positions = waiting.map((one) => one.after);
  const furthest = positions.reduce((least, position) => Math.min(least, position));
  const values = [viewers, positions, furthest, upTo, limit] as const;
  const { rows } = await db.query(sql.recent, values);
  return rows.flatMap(({ place, eventIds, resync }) => {
    const who = waiting[place - 1];
    return who ? [{ ...who, eventIds, resync }] : [];
  });
}

/** The same for one viewer who was away for long: looked up by his name, whatever came for others. */
export async function readTouchedEventsOf(
  db: Queryable,
  who: WaitingViewer,
  upTo: number,
  limit: number,
): Promise<TouchedEvents> {
  const values = [who.viewer, who.after, upTo, limit] as const;
  const { rows } = await db.query(sql.older, values);
  return { ...who, eventIds: rows[0]?.eventIds ?? [], resync: rows[0]?.resync ?? true };
}
