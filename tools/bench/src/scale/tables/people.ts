import { planConferences, readAddressMap, readEventFacts } from 'calendar-db/conferences';
import { applySyncChunk } from 'calendar-db/sync';
import { queryable } from 'calendar-db/testing/sql-database';
import { readEventViews } from 'calendar-db/views';
import type { MeasuredSession } from '../measured-session.ts';
import { grows, type Measured, type OperationTable } from '../operation-table.ts';
import { sampleCopies, takeLease } from '../sample-copy.ts';
import { planOf } from '../sample-plan.ts';

const PREFIX = 'member-';
const SERIES = 5;
const SERVER = 'server.example#vcs';

/** What one copy of a meeting costs by the number of its people, all of whose mailboxes are cached. */
export const PEOPLE: OperationTable = {
  name: 'people',
  title: `One meeting, a weekly series of ${SERIES}, all of whose people have a cached mailbox: the cost of one copy`,
  of: 'people',
  need: (size) => ({ memoryMib: 512 + size * 0.5, diskMib: 300 + size ** 2 * 0.002 }),
  fill: fillMeeting,
};

async function fillMeeting(session: MeasuredSession, size: number): Promise<Measured[]> {
  await session.fill('fill-mailboxes', ['bench', PREFIX, size, 150]);
  await session.fill('fill-meetings', [PREFIX, size, SERIES, size, 0]);
  await session.fill('fill-address-map', [SERVER]);
  const copies = await sampleCopies(session, PREFIX, SERIES);
  const { organizer, attendee } = copies[0]!;
  const { eventId } = organizer.occurrence;
  const people = [organizer.address, ...organizer.occurrence.attendees.flatMap(({ address }) => address ?? [])];
  const others = await takeLease(session, attendee.address);
  const own = await takeLease(session, organizer.address);
  await planConferences(queryable(session.client), 'bench', [planOf(eventId, size)]);
  return [
    grows('people', 'apply_sync, one change of the organizer’s copy', (db) =>
      applySyncChunk(db, own, { occurrences: [organizer.occurrence], gone: [], done: null }),
    ),
    grows('people', 'apply_sync, one change of an attendee’s copy', (db) =>
      applySyncChunk(db, others, { occurrences: [attendee.occurrence], gone: [], done: null }),
    ),
    grows('people', `apply_sync, ${SERIES} occurrences of the organizer’s series`, (db) =>
      applySyncChunk(db, own, { occurrences: copies.map((copy) => copy.organizer.occurrence), gone: [], done: null }),
    ),
    grows('people', 'apply_sync, the organizer’s copy is gone', (db) =>
      applySyncChunk(db, own, { occurrences: [], gone: [eventId], done: null }),
    ),
    grows('people', 'view of one viewer', (db) =>
      readEventViews(db, [{ viewer: attendee.address, eventId }], { participants: false }),
    ),
    grows('people', 'view of one person without a mailbox', (db) =>
      readEventViews(db, [{ viewer: 'guest@corp.example', eventId }], { participants: true }),
    ),
    grows('people', 'planner: facts of the event', (db) => readEventFacts(db, [eventId])),
    grows('people', 'planner: who is who', (db) => readAddressMap(db, [SERVER], people)),
    grows('people', 'planner: the plan', (db) => planConferences(db, 'bench', [planOf(eventId, size + 1)])),
  ];
}
