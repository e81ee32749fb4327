import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  put: defineQuery('set-aside/put', { params: ['uuid', 'text', 'bigint?'], row: { failures: 'integer' } }),
  find: defineQuery('set-aside/find', { params: ['uuid[]'], row: { eventId: 'uuid' } }),
  hasten: defineQuery('set-aside/hasten', { params: ['uuid[]'] }),
  take: defineQuery('set-aside/take', {
    params: ['double precision'],
    row: { eventId: 'uuid', marks: 'double precision', failures: 'integer' },
  }),
  remove: defineQuery('set-aside/remove', { params: ['uuid', 'bigint'] }),
  list: defineQuery('set-aside/list', {
    params: ['integer'],
    row: {
      eventId: 'uuid',
      reason: 'text',
      failures: 'integer',
      since: 'timestamptz',
      total: 'integer',
      anyIsDue: 'boolean',
    },
  }),
};

/** An event that could not be planned and is to be tried again. */
export interface TakenEvent {
  readonly eventId: string;
  /** A plan is the last one only if nothing was marked since. */
  readonly marks: number;
  /** In a row. */
  readonly failures: number;
}

/** An event that could not be planned, as it is shown to people. */
interface SetAsideEvent {
  readonly eventId: string;
  /** An SQLSTATE, or the code or name of an error. */
  readonly reason: string;
  /** In a row. */
  readonly failures: number;
  readonly since: Date;
}

/** All events that are set aside. */
export interface SetAside {
  readonly total: number;
  readonly anyIsDue: boolean;
  /** The longest set aside, no more than were asked for. */
  readonly events: readonly SetAsideEvent[];
}

/**
 * Sets an event aside that could not be planned, and keeps its conference from being started. Takes the lock of the change
 * log.
 * @param marks of the attempt; null: it was not set aside before
 * @returns how often in a row it has failed; 0: nothing is kept, since the event is over or was planned meanwhile
 */
export async function setEventAside(
  db: Queryable,
  eventId: string,
  reason: string,
  marks: number | null,
): Promise<number> {
  return (await db.query(sql.put, [eventId, reason, marks])).rows[0]?.failures ?? 0;
}

/** Which of these events are set aside. */
export async function findSetAside(db: Queryable, eventIds: readonly string[]): Promise<string[]> {
  return (await db.query(sql.find, [eventIds])).rows.map((row) => row.eventId);
}

/** Has events that are set aside tried again at once, since what they are planned by may have changed. */
export async function hastenSetAside(db: Queryable, eventIds: readonly string[]): Promise<void> {
  await db.query(sql.hasten, [eventIds]);
}

/** Takes an event that is to be tried again; others leave it alone for `leaseSeconds`. @returns null when none is due */
export async function takeSetAside(db: Queryable, leaseSeconds: number): Promise<TakenEvent | null> {
  return (await db.query(sql.take, [leaseSeconds])).rows[0] ?? null;
}

/** The event is planned. @returns false when something was marked since the plan was begun: it stays, and is due */
export async function removeSetAside(db: Queryable, { eventId, marks }: TakenEvent): Promise<boolean> {
  return (await db.query(sql.remove, [eventId, marks])).rowCount === 1;
}

/** The events that are set aside. @param most of them to name */
export async function listSetAside(db: Queryable, most: number): Promise<SetAside> {
  const { rows } = await db.query(sql.list, [most]);
  const [first] = rows;
  const events = rows.map(({ eventId, reason, failures, since }) => ({ eventId, reason, failures, since }));
  return { total: first?.total ?? 0, anyIsDue: first?.anyIsDue ?? false, events };
}
