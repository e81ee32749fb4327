import type { MailboxLease, SyncedOccurrence } from 'calendar-db/sync';
import type { MeasuredSession } from './measured-session.ts';
import { sqlFile } from './sql-file.ts';

/** The copies of a meeting that `fill-meetings.sql` made for its organizer and its first attendee. */
export interface SampleCopy {
  readonly address: string;
  readonly occurrence: SyncedOccurrence;
}

interface MeetingRow {
  readonly eventId: string;
  readonly uid: string;
  readonly start: Date;
  readonly end: Date;
  readonly organizer: string;
  readonly attendees: SyncedOccurrence['attendees'];
  readonly itemId: string;
  readonly address: string;
}

/**
 * The copies of the first `meetings` meetings as a sync-worker would write them again.
 * @returns by meeting: the organizer's copy, then an attendee's
 */
export async function sampleCopies(
  session: MeasuredSession,
  prefix: string,
  meetings: number,
): Promise<{ readonly organizer: SampleCopy; readonly attendee: SampleCopy }[]> {
  const uids = Array.from({ length: meetings }, (_, n) => `uid-${prefix}${n}`);
  const { rows } = await session.client.query<MeetingRow>(sqlFile('read-meeting'), [prefix, uids]);
  return uids.map((uid) => {
    const [organizer, attendee] = rows.filter((row) => row.uid === uid).map(copyOf);
    return { organizer: organizer!, attendee: attendee! };
  });
}

/** Takes the lease of a mailbox for the time of the measurement. */
export async function takeLease(session: MeasuredSession, address: string): Promise<MailboxLease> {
  const { rows } = await session.client.query<MailboxLease & Record<string, unknown>>(sqlFile('take-lease'), [address]);
  return rows[0]!;
}

function copyOf({ eventId, uid, start, end, organizer, attendees, itemId, address }: MeetingRow): SampleCopy {
  const occurrence = {
    eventId,
    uid,
    originalStart: null,
    itemId,
    seriesId: null,
    kind: 'single' as const,
    subject: 'Changed',
    start,
    end,
    allDay: false,
    startDate: null,
    endDate: null,
    timeZone: 'Europe/Berlin',
    location: 'Aurora',
    preview: 'x'.repeat(200),
    organizer: { address: organizer, name: 'Person' },
    attendees,
    myResponse: address === organizer ? ('organizer' as const) : ('notResponded' as const),
    freeBusy: 'busy' as const,
    sensitivity: 'normal' as const,
    isMeeting: true,
    isCancelled: false,
    categories: [],
    reminderMinutes: 15,
    joinLinks: [],
    owaUrl: null,
    seriesText: null,
    lastModified: new Date(),
    details: 'read' as const,
    duplicateOf: null,
    viewDigest: 'view',
    sequence: null,
    stamp: null,
  };
  return { address, occurrence };
}
