import { randomUUID } from 'node:crypto';
import { applySyncChunk, type MailboxLease, type SyncedOccurrence } from 'calendar-db/sync';
import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import { addressOf } from 'stack-driver';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PEOPLE_PER_MEETING = 4;

/** One person's copy of a meeting, and the right to write into that person's mailbox. */
export interface Copy {
  readonly viewer: string;
  readonly lease: MailboxLease;
  readonly occurrence: SyncedOccurrence;
}

/** Leases as a sync-worker takes them, for longer than the bench lasts. */
const TAKE_LEASES = `
  UPDATE calendar.mailbox SET lease_owner = $1::uuid, lease_token = lease_token + 1,
    lease_until = clock_timestamp() + interval '1 hour'
  WHERE address = ANY ($2::text[]) AND cached_at IS NOT NULL
  RETURNING mailbox_id::double precision AS "mailboxId", address, sync_state AS "syncState", lease_owner AS "leaseOwner",
    lease_token::double precision AS "leaseToken"`;

/** Takes the mailboxes of some people from the sync-workers. @returns leases by address; none for mailboxes that are not cached */
export async function takeLeases(db: SqlDatabase, people: readonly string[]): Promise<Map<string, MailboxLease>> {
  const { rows } = await db.query<MailboxLease & Record<string, unknown>>(TAKE_LEASES, [
    randomUUID(),
    people.map(addressOf),
  ]);
  return new Map(rows.map((lease) => [lease.address, lease]));
}

/**
 * Puts meetings of four people into their cached mailboxes, as a sync-worker would.
 *
 * @returns the copies, those of a meeting one after the other, the organizer's first
 */
export async function makeMeetings(db: SqlDatabase, people: readonly string[], copies: number): Promise<Copy[]> {
  const leases = await takeLeases(db, people);
  const made: Copy[] = [];
  for (let n = 0; made.length < copies; n++) {
    const members = Array.from({ length: PEOPLE_PER_MEETING }, (_, k) => people[(n * 7 + k * 13) % people.length]!);
    for (const viewer of new Set(members)) {
      const lease = leases.get(addressOf(viewer));
      if (lease === undefined) throw new Error(`the mailbox of ${viewer} is not cached`);
      made.push({ viewer, lease, occurrence: copyOf(n, members, viewer) });
    }
  }
  for (const lease of leases.values()) {
    const occurrences = made.filter((copy) => copy.lease === lease).map(({ occurrence }) => occurrence);
    await writeCopies(db, lease, occurrences);
  }
  return made.slice(0, copies);
}

/** Saves a copy under another title. Committed when it resolves. */
export function changeTitle(db: SqlDatabase, { lease, occurrence }: Copy, subject: string): Promise<void> {
  return writeCopies(db, lease, [{ ...occurrence, subject }]);
}

/** Saves copies as a sync-worker does. Committed when it resolves. @throws Error when the lease is lost */
export async function writeCopies(
  db: SqlDatabase,
  lease: MailboxLease,
  occurrences: readonly SyncedOccurrence[],
): Promise<void> {
  const written = await applySyncChunk(db, lease, { occurrences, gone: [], done: null });
  if (written !== occurrences.length)
    throw new Error(`${lease.address}: ${written} of ${occurrences.length} rows written`);
}

/** One person's copy of the meeting with this number, whose first member organizes it. */
export function copyOf(n: number, members: readonly string[], viewer: string): SyncedOccurrence {
  const [organizer = viewer, ...others] = members;
  const start = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS + (n % 200) * HOUR_MS);
  const itemId = `bench-${n}-${viewer}`;
  return {
    eventId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    uid: `bench-${n}`,
    originalStart: null,
    itemId,
    seriesId: null,
    kind: 'single',
    subject: 'unchanged',
    start,
    end: new Date(start.getTime() + HOUR_MS),
    allDay: false,
    startDate: null,
    endDate: null,
    timeZone: 'Europe/Berlin',
    location: 'Room 1',
    preview: 'x'.repeat(200),
    organizer: { address: addressOf(organizer), name: organizer },
    attendees: others.map((id) => ({ address: addressOf(id), name: id, role: 'required', response: 'notResponded' })),
    myResponse: viewer === organizer ? 'organizer' : 'notResponded',
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
    viewDigest: itemId,
  };
}
