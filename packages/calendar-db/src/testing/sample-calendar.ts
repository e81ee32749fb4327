import { randomUUID } from 'node:crypto';
import type { Attendee } from 'calendar-model';
import { defineQuery, type Queryable } from '../database/query.ts';
import { LEASE, type SyncError } from '../sync/mailboxes.ts';
import { applySyncChunk, type SyncedOccurrence } from '../sync/sync-results.ts';

const sql = {
  takeLease: defineQuery('testing/take-lease', {
    params: ['text'],
    row: LEASE,
  }),
  multiplyEvent: defineQuery('testing/multiply-event', { params: ['uuid', 'integer'] }),
};

const HOUR_MS = 3_600_000;

/** An occurrence for tests: an ordinary single meeting tomorrow noon (UTC), but for what is `given`. */
export function sampleOccurrence(given: Partial<SyncedOccurrence> = {}): SyncedOccurrence {
  const start = given.start ?? new Date(Math.ceil(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS + 12 * HOUR_MS);
  const itemId = given.itemId ?? `item-${randomUUID()}`;
  const defaults: Omit<SyncedOccurrence, 'viewDigest'> = {
    eventId: randomUUID(),
    uid: `uid-${given.eventId ?? itemId}`,
    originalStart: null,
    itemId,
    seriesId: null,
    kind: 'single',
    subject: 'Planning',
    start,
    end: new Date(start.getTime() + HOUR_MS),
    allDay: false,
    startDate: null,
    endDate: null,
    timeZone: 'Europe/Berlin',
    location: 'Room 1',
    preview: 'Agenda',
    organizer: { address: 'anna@corp.example', name: 'Anna' },
    attendees: [],
    myResponse: 'organizer',
    freeBusy: 'busy',
    sensitivity: 'normal',
    isMeeting: true,
    isCancelled: false,
    categories: [],
    reminderMinutes: 15,
    joinLinks: [],
    owaUrl: null,
    seriesText: null,
    lastModified: new Date(),
    details: 'read',
    duplicateOf: null,
    sequence: null,
    stamp: null,
  };
  return { ...defaults, viewDigest: `view-${itemId}`, ...given };
}

/** A required attendee who has not answered, but for what is `given`. */
export function sampleAttendee(address: string, given: Partial<Attendee> = {}): Attendee {
  return { address, name: address.replace(/@.*/u, ''), role: 'required', response: 'notResponded', ...given };
}

/** A failure of a sync as codes. */
export function sampleSyncError(errorClass: string | null = null): SyncError {
  return { code: 'x', errorClass, detail: null, operation: null };
}

export interface MailboxContent {
  /** Written as they are; what else is in the cache stays. */
  readonly occurrences?: readonly SyncedOccurrence[];
  /** Ids of events that Exchange no longer has. */
  readonly gone?: readonly string[];
  /** False: the first bootstrap goes on. */
  readonly cached?: boolean;
}

/**
 * Puts occurrences into a mailbox of the cache in the way a sync worker does: lease, apply, new sync state. Makes the
 * mailbox when there is none.
 * @returns its id
 */
export async function saveToMailbox(db: Queryable, address: string, content: MailboxContent = {}): Promise<number> {
  const { rows } = await db.query(sql.takeLease, [address]);
  const lease = rows[0];
  if (!lease) throw new Error(`mailbox ${address} could not be leased`);
  const day = 24 * HOUR_MS;
  const written = await applySyncChunk(db, lease, {
    occurrences: content.occurrences ?? [],
    gone: content.gone ?? [],
    done: {
      syncState: randomUUID(),
      folderId: 'calendar',
      window: { from: new Date(Date.now() - 31 * day), to: new Date(Date.now() + 365 * day) },
      nextSyncSeconds: 60,
      cached: content.cached ?? true,
    },
  });
  if (written === null) throw new Error(`the lease of mailbox ${address} was lost`);
  return lease.mailboxId;
}

/** So many more events like this one, in the same mailboxes and at the same time; it is left as it is. */
export async function multiplyEvent(db: Queryable, eventId: string, count: number): Promise<void> {
  await db.query(sql.multiplyEvent, [eventId, count]);
}
