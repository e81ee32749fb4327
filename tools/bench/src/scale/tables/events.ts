import {
  countUnreadChanges,
  makeConsumer,
  moveConsumer,
  pruneChanges,
  readChanges,
  readLogHead,
  readTouchedEvents,
  readTouchedEventsOf,
} from 'calendar-db/changes';
import {
  BEFORE_ALL_EVENTS,
  listEventsNaming,
  listPlannableEvents,
  listSoonestEvents,
  planConferences,
  readEventFacts,
} from 'calendar-db/conferences';
import { ageOutOccurrences, applySyncChunk, liveOccurrences, readCachedOccurrences } from 'calendar-db/sync';
import { queryable } from 'calendar-db/testing/sql-database';
import { listEventViews, readEventViews } from 'calendar-db/views';
import type { MeasuredSession } from '../measured-session.ts';
import { flat, grows, type Measured, type OperationTable } from '../operation-table.ts';
import { sampleCopies, takeLease } from '../sample-copy.ts';
import { planOf } from '../sample-plan.ts';

const PREFIX = 'person-';
const PEOPLE = 4;
const PER_MAILBOX = 100;
const DAY_MS = 86_400_000;
const PAIRS = 500;

/**
 * What happens to one copy, for one viewer, on one page, however many other events there are.
 * @param page events on a page of the planner, far fewer than there are
 */
export function eventsTable(page: number): OperationTable {
  return {
    name: 'events',
    title: `The change log, what viewers see, pages of the planner; meetings of ${PEOPLE}, ${PER_MAILBOX} rows a mailbox`,
    of: 'events',
    need: (size) => ({ memoryMib: 512, diskMib: 200 + size * 0.004 }),
    fill: (session, size) => fillEvents(session, size, page),
  };
}

async function fillEvents(session: MeasuredSession, size: number, page: number): Promise<Measured[]> {
  const mailboxes = Math.max(size / PER_MAILBOX, 2 * PEOPLE);
  await session.fill('fill-mailboxes', ['bench', PREFIX, mailboxes, 150]);
  await session.fill('fill-meetings', [PREFIX, mailboxes, Math.floor(size / PEOPLE), PEOPLE, 7]);
  await session.fill('fill-changes', [Math.floor(size / 10)]);
  const copies = await sampleCopies(session, PREFIX, 10);
  const { organizer, attendee } = copies[9]!;
  const viewers = copies.flatMap((copy) => [copy.organizer.address, copy.attendee.address]);
  const [own, others] = [await takeLease(session, organizer.address), await takeLease(session, attendee.address)];
  // Written by the product, so that its digest is the one that the next sync compares.
  await applySyncChunk(queryable(session.client), own, { occurrences: [organizer.occurrence], gone: [], done: null });
  const { eventId } = organizer.occurrence;
  const { epoch, head } = await readLogHead(queryable(session.client));
  // The planner has read all that there is.
  await makeConsumer(queryable(session.client), 'planner');
  await moveConsumer(queryable(session.client), 'planner', { epoch, seq: head });
  const pairs = Array.from({ length: PAIRS }, (_, n) => ({
    viewer: viewers[n % viewers.length]!,
    eventId: copies[n % copies.length]!.organizer.occurrence.eventId,
  }));
  const range = (days: number) => ({
    from: new Date(Date.now() - days * DAY_MS),
    to: new Date(Date.now() + days * DAY_MS),
    limit: 500,
    after: null,
    participants: false,
  });
  const waiting = viewers.slice(0, 20).map((viewer) => ({ viewer, after: head - 100 }));
  const ids = await listPlannableEvents(queryable(session.client), BEFORE_ALL_EVENTS, page);
  return [
    flat('apply_sync, nothing differs', (db) =>
      applySyncChunk(db, own, { occurrences: [organizer.occurrence], gone: [], done: null }),
    ),
    flat('apply_sync, one change of the organizer’s copy', (db) =>
      applySyncChunk(db, own, { occurrences: [{ ...organizer.occurrence, subject: 'Again' }], gone: [], done: null }),
    ),
    flat('apply_sync, one change of an attendee’s copy', (db) =>
      applySyncChunk(db, others, { occurrences: [attendee.occurrence], gone: [], done: null }),
    ),
    flat('apply_sync, one copy is gone', (db) =>
      applySyncChunk(db, others, { occurrences: [], gone: [eventId], done: null }),
    ),
    flat('the cache of one mailbox, as a diff reads it', (db) =>
      readCachedOccurrences(db, own.mailboxId, { itemIds: [organizer.occurrence.itemId], eventIds: [eventId] }),
    ),
    flat('all live occurrences of one mailbox', async (db) => {
      for await (const live of liveOccurrences(db, own.mailboxId)) if (live.length === 0) return;
    }),
    flat('age out, nothing is old', (db) => ageOutOccurrences(db, own.mailboxId, new Date(Date.now() - 365 * DAY_MS))),
    flat('view of one pair', (db) =>
      readEventViews(db, [{ viewer: organizer.address, eventId }], { participants: false }),
    ),
    flat(`view of ${PAIRS} pairs`, (db) => readEventViews(db, pairs, { participants: true })),
    flat('view of a week', (db) => listEventViews(db, [organizer.address], range(3.5))),
    flat('view of the whole window', (db) => listEventViews(db, [organizer.address], range(90))),
    flat('read-after, the newest change', (db) => readChanges(db, head - 1)),
    flat('head of the log', (db) => readLogHead(db)),
    flat('touched events of 20 viewers, 100 changes', (db) => readTouchedEvents(db, waiting, head, 1_000)),
    flat('touched events of a viewer who was away', (db) =>
      readTouchedEventsOf(db, { viewer: organizer.address, after: 0 }, head, 1_000),
    ),
    flat('lag of the planner', (db) => countUnreadChanges(db, 'planner', 10_000)),
    // It looks at a batch of the oldest.
    grows('events', 'prune the log, nothing is old', (db) => pruneChanges(db)),
    flat(`planner: ids of a page of ${page}`, (db) => listPlannableEvents(db, BEFORE_ALL_EVENTS, page)),
    flat('planner: the soonest events', (db) => listSoonestEvents(db, page)),
    // Postgres may combine two indexes, one of which holds all events to come.
    {
      ...flat('planner: ids of events that name one person', (db) => listEventsNaming(db, [organizer.address])),
      rows: 'events',
    },
    flat(`planner: facts of a page of ${page}`, (db) => readEventFacts(db, ids)),
    flat(`planner: ${page} plans`, (db) =>
      planConferences(
        db,
        'bench',
        ids.map((id) => planOf(id, 4)),
      ),
    ),
  ];
}
