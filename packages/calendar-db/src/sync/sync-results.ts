import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Attendee, isPrivate, type Occurrence } from 'calendar-model';
import { oneOf } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import type { MailboxLease, Suspicion } from './mailboxes.ts';

const sql = {
  readCached: defineQuery('sync/read-cached', {
    params: ['bigint', 'text[]', 'uuid[]'],
    row: {
      eventId: 'uuid',
      itemId: 'text',
      seriesId: 'text?',
      viewDigest: 'text',
      subject: 'text',
      start: 'timestamptz',
      end: 'timestamptz',
      lastModified: 'timestamptz',
      details: oneOf('read', 'kept', 'missing'),
      duplicateOf: 'uuid?',
      isAlone: 'boolean',
      gone: 'boolean',
    },
  }),
  readLivePage: defineQuery('sync/read-live-page', {
    params: ['bigint', 'timestamptz', 'uuid', 'integer'],
    row: {
      eventId: 'uuid',
      itemId: 'text',
      seriesId: 'text?',
      start: 'timestamptz',
      end: 'timestamptz',
    },
  }),
  apply: defineQuery('sync/apply', {
    params: ['bigint', 'uuid', 'bigint', 'text?', 'jsonb', 'jsonb', 'uuid[]', 'jsonb?'],
    row: { written: 'integer?' },
  }),
  ageOut: defineQuery('sync/age-out', { params: ['bigint', 'timestamptz', 'integer'], row: { removed: 'integer' } }),
  dropBeyond: defineQuery('sync/drop-beyond', {
    params: ['bigint', 'timestamptz', 'uuid', 'bigint', 'integer'],
    row: { removed: 'integer' },
  }),
  forgetPrivate: defineQuery('sync/forget-private-content', { params: ['integer'] }),
};

/**
 * Most rows that one call writes or removes: the change log is locked meanwhile, and others wait (docs/architecture.md,
 * "Why nothing is missed").
 */
export const MOST_ROWS_PER_APPLY = 500;

/**
 * Where attendees, text and links of an event come from: `read` with its present state; `kept`, of an earlier state, since
 * those of this one could not be read; `missing`, they were never read.
 */
export type DetailsState = 'read' | 'kept' | 'missing';

/** What the cache holds of an occurrence, as far as a diff needs it. */
export interface CachedOccurrence {
  readonly eventId: string;
  readonly itemId: string;
  readonly seriesId: string | null;
  readonly viewDigest: string;
  readonly subject: string;
  readonly start: Date;
  readonly end: Date;
  readonly lastModified: Date;
  readonly details: DetailsState;
  /** The event that has the id of UID and key, where this one is another meeting with the same; else null. */
  readonly duplicateOf: string | null;
  /** It is such a meeting, and that event is gone. */
  readonly isAlone: boolean;
  /** A tombstone. */
  readonly gone: boolean;
}

/** What the cache holds of some items and of some events, tombstones included. */
export async function readCachedOccurrences(
  db: Queryable,
  mailboxId: number,
  { itemIds = [], eventIds = [] }: { readonly itemIds?: readonly string[]; readonly eventIds?: readonly string[] },
): Promise<CachedOccurrence[]> {
  const values = [mailboxId, itemIds, eventIds] as const;
  return (await db.query(sql.readCached, values)).rows;
}

/** A live event of the cache, as far as it takes to tell whether it is gone. */
export type LiveOccurrence = Pick<CachedOccurrence, 'eventId' | 'itemId' | 'seriesId' | 'start' | 'end'>;

const LIVE_ROWS_PER_PAGE = 1_000;
const BEFORE_ALL = new Date('0001-01-01T00:00:00Z');
const NO_EVENT_ID = '00000000-0000-0000-0000-000000000000';

/** All live events of a mailbox by start, page by page: however many there are, few stand in memory. */
export async function* liveOccurrences(db: Queryable, mailboxId: number): AsyncGenerator<LiveOccurrence[]> {
  let after: Pick<LiveOccurrence, 'eventId' | 'start'> = { start: BEFORE_ALL, eventId: NO_EVENT_ID };
  for (;;) {
    const values = [mailboxId, after.start, after.eventId, LIVE_ROWS_PER_PAGE] as const;
    const { rows } = await db.query(sql.readLivePage, values);
    const last = rows.at(-1);
    if (last !== undefined) yield rows;
    if (last === undefined || rows.length < LIVE_ROWS_PER_PAGE) return;
    after = last;
  }
}

/** An occurrence to be written, with the digest of the calendar view entry that it was made from. */
export interface SyncedOccurrence extends Occurrence {
  readonly viewDigest: string;
  readonly details: DetailsState;
  /** The event that has the id of UID and key, where this one is another meeting with the same; else null. */
  readonly duplicateOf: string | null;
}

/** What the last chunk of a sync brings besides rows. */
export interface SyncCompletion {
  readonly syncState: string;
  readonly folderId: string;
  /** The window that was read whole; absent when nothing but the sync state moved. */
  readonly window?: { readonly from: Date; readonly to: Date };
  readonly autoSync?: boolean;
  readonly nextSyncSeconds: number;
  /** The first bootstrap is complete with this. */
  readonly cached: boolean;
  /** Items that could not be read, and how often they were asked for again; absent: as before. */
  readonly unread?: { readonly items: number; readonly tries: number };
  /** Seconds until the whole window is read again, though nothing changes; null: that is not needed; absent: as before. */
  readonly rereadSeconds?: number | null;
  /** A loss that is not believed; null: the view is believed; absent: as before. `confirmed` is not written. */
  readonly suspicion?: Suspicion | null;
}

export interface SyncChunk {
  /** At most `MOST_ROWS_PER_APPLY` together with `gone`. */
  readonly occurrences: readonly SyncedOccurrence[];
  /** Ids of cached events that a complete view no longer holds. */
  readonly gone: readonly string[];
  readonly done: SyncCompletion | null;
}

/**
 * Applies one chunk of a sync's result in one server-side call; with `done` the lease ends.
 * @returns the number of rows that really changed, or null when lease or sync state are no longer those that the sync
 * started with: nothing was applied then
 */
export async function applySyncChunk(db: Queryable, lease: MailboxLease, chunk: SyncChunk): Promise<number | null> {
  const written = await eventRows(chunk.occurrences);
  const { rows } = await db.query(sql.apply, [
    lease.mailboxId,
    lease.leaseOwner,
    lease.leaseToken,
    lease.syncState,
    written.rows,
    written.lists,
    chunk.gone,
    chunk.done === null ? null : JSON.stringify(completion(chunk.done)),
  ]);
  return rows[0]?.written ?? null;
}

/** Removes up to `MOST_ROWS_PER_APPLY` occurrences that ended before `before`. @returns how many went */
export async function ageOutOccurrences(db: Queryable, mailboxId: number, before: Date): Promise<number> {
  return (await db.query(sql.ageOut, [mailboxId, before, MOST_ROWS_PER_APPLY])).rows[0]?.removed ?? 0;
}

/**
 * Removes up to `MOST_ROWS_PER_APPLY` occurrences that begin at or after `end`, where the mailbox's window now ends; those who see them are
 * told. @returns how many went; 0 also when the lease is lost
 */
export async function dropOccurrencesBeyond(db: Queryable, lease: MailboxLease, end: Date): Promise<number> {
  const values = [lease.mailboxId, end, lease.leaseOwner, lease.leaseToken, MOST_ROWS_PER_APPLY] as const;
  return (await db.query(sql.dropBeyond, values)).rows[0]?.removed ?? 0;
}

/**
 * Takes away what private events of the cache are about: after `privacy.storePrivate` was switched off.
 * @returns of how many, at most `MOST_ROWS_PER_APPLY` at a time
 */
export async function forgetPrivateContent(db: Queryable): Promise<number> {
  return (await db.query(sql.forgetPrivate, [MOST_ROWS_PER_APPLY])).rowCount ?? 0;
}

/** Rows that are written down before everybody else gets a turn. */
const ROWS_PER_TURN = 50;

/** Rows of `calendar.event` and the lists of attendees that they name, both in JSON. */
async function eventRows(occurrences: readonly SyncedOccurrence[]): Promise<{ rows: string; lists: string }> {
  const lists = new WrittenLists();
  const rows: string[] = [];
  for (const [place, occurrence] of occurrences.entries()) {
    if (place % ROWS_PER_TURN === ROWS_PER_TURN - 1) await setImmediate();
    rows.push(eventRow(occurrence, lists.placeOf(occurrence.attendees)));
  }
  return { rows: `[${rows.join(',')}]`, lists: lists.text };
}

interface WrittenList {
  readonly place: number;
  readonly digest: string;
}

/** Lists of attendees in JSON, each once: the occurrences of a series nearly always have the same. */
class WrittenLists {
  readonly #byText = new Map<string, WrittenList>();
  /** Of occurrences that share their list, so that it is written down once. */
  readonly #known = new Map<readonly Attendee[], WrittenList>();

  get text(): string {
    return `[${[...this.#byText.keys()].join(',')}]`;
  }

  placeOf(attendees: readonly Attendee[]): WrittenList {
    const known = this.#known.get(attendees);
    if (known !== undefined) return known;
    const text = JSON.stringify(attendees.map((attendee) => ({ ...attendee, name: storable(attendee.name) })));
    const list = this.#byText.get(text) ?? { place: this.#byText.size, digest: digestOf(text) };
    this.#byText.set(text, list);
    this.#known.set(attendees, list);
    return list;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** An occurrence as a row of `calendar.event`, with a digest of all of it, its list of attendees included, in JSON. */
function eventRow(occurrence: SyncedOccurrence, list: WrittenList): string {
  const row = {
    event_id: occurrence.eventId,
    uid: occurrence.uid,
    original_start: occurrence.originalStart,
    item_id: occurrence.itemId,
    series_id: occurrence.seriesId,
    kind: occurrence.kind,
    subject: storable(occurrence.subject),
    start_at: occurrence.start,
    end_at: occurrence.end,
    all_day: occurrence.allDay,
    start_date: occurrence.startDate,
    end_date: occurrence.endDate,
    time_zone: occurrence.timeZone,
    location: storable(occurrence.location),
    preview: storable(occurrence.preview),
    organizer_address: occurrence.organizer.address,
    organizer_name: storable(occurrence.organizer.name),
    my_response: occurrence.myResponse,
    free_busy: occurrence.freeBusy,
    sensitivity: occurrence.sensitivity,
    is_private: isPrivate(occurrence.sensitivity),
    is_meeting: occurrence.isMeeting,
    is_cancelled: occurrence.isCancelled,
    categories: occurrence.categories.map(storable),
    reminder_minutes: occurrence.reminderMinutes,
    join_links: occurrence.joinLinks.map(storable),
    owa_url: occurrence.owaUrl,
    series_text: occurrence.seriesText,
    last_modified: occurrence.lastModified,
    details: occurrence.details,
    duplicate_of: occurrence.duplicateOf,
    sequence: occurrence.sequence,
    stamp: occurrence.stamp,
    view_digest: occurrence.viewDigest,
  };
  const text = JSON.stringify(row);
  return `${text.slice(0, -1)},"list":${list.place},"digest":"${digestOf(text + list.digest)}"}`;
}

function completion(done: SyncCompletion): Record<string, unknown> {
  return {
    sync_state: done.syncState,
    folder_id: done.folderId,
    window_from: done.window?.from,
    window_to: done.window?.to,
    auto_sync: done.autoSync,
    next_sync_seconds: done.nextSyncSeconds,
    cached: done.cached,
    unread: done.unread,
    reread_seconds: done.rereadSeconds,
    suspicion: done.suspicion && suspicionRow(done.suspicion),
  };
}

function suspicionRow({ sinceMs, views, lost, of }: Suspicion): Record<string, unknown> {
  return { since_ms: sinceMs, views, lost, of };
}

/** Postgres keeps no NUL and no lone surrogates. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
