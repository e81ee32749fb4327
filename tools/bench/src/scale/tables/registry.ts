import type { CalendarDatabase } from 'calendar-db/database';
import { askDirectory, takeDirectoryQuestions } from 'calendar-db/directory';
import { readMailboxCounts } from 'calendar-db/operator';
import {
  claimDueMailboxes,
  hastenPolls,
  readSyncGroups,
  readWatchableMailboxes,
  registerMailboxes,
  removeDelistedMailboxes,
  takePlaceQuestions,
  wantSyncs,
} from 'calendar-db/sync';
import { queryable } from 'calendar-db/testing/sql-database';
import { listWorkers, readDatabaseClock } from 'calendar-db/workers';
import type { MeasuredSession } from '../measured-session.ts';
import { flat, grows, type Measured, type OperationTable } from '../operation-table.ts';

const PROVIDER = 'bench';
const PREFIX = 'person-';
const GROUP = 150;
const WORKERS = 4;
const DUE = 20;
const TERMS = { answerWithin: 60, person: 604_800, list: 3_600, rooms: 86_400, miss: 3_600 };
const WORKER_ID = '00000000-0000-4000-8000-000000000001';

/** What workers ask again and again about all mailboxes, and what they ask about those that are due. */
export const REGISTRY: OperationTable = {
  name: 'registry',
  title: `Mailboxes and who looks after them: ${WORKERS} sync-workers that list all of them, ${DUE} due`,
  of: 'mailboxes',
  need: (size) => ({ memoryMib: 512, diskMib: 200 + size * 0.01 }),
  fill: fillRegistry,
};

async function fillRegistry(session: MeasuredSession, size: number): Promise<Measured[]> {
  await session.fill('fill-mailboxes', [PROVIDER, PREFIX, size, GROUP]);
  await session.fill('fill-workers', [WORKERS]);
  await session.fill('fill-directory', [PROVIDER]);
  const { rows } = await session.client.query<{ address: string }>(
    'SELECT address FROM calendar.mailbox ORDER BY mailbox_id',
  );
  const addresses = rows.map(({ address }) => address);
  const groups = (await readSyncGroups(queryable(session.client))).map(({ group }) => group);
  const request = {
    workerId: WORKER_ID,
    groups,
    reachable: { providers: [PROVIDER], has: () => true },
    limit: DUE,
    leaseSeconds: 60,
    rescueSeconds: 30,
    aheadSeconds: 1,
  };
  await session.fill('make-due', [DUE]);
  const idle = { ...request, reachable: { ...request.reachable, providers: ['another'] } };
  return [
    grows('mailboxes', 'sync groups', (db) => readSyncGroups(db)),
    grows('mailboxes', 'mailboxes to be watched', (db) => readWatchableMailboxes(db, groups)),
    grows('mailboxes', 'polls are brought forward, none is late', (db) => hastenPolls(db, groups, addresses, 60)),
    grows('mailboxes', 'registration, all are known', (db) =>
      // It writes nothing, so it begins no transaction.
      registerMailboxes(db as CalendarDatabase, PROVIDER, addresses, { groupSize: GROUP, move: false }),
    ),
    grows('mailboxes', 'delisted mailboxes, there are none', (db) =>
      removeDelistedMailboxes(db, { deadWorkerSeconds: 10, graceSeconds: 3_600 }),
    ),
    flat('claim, nothing is due', (db) => claimDueMailboxes(db, idle), 'mailboxes'),
    flat(`claim of ${DUE} that are due`, (db) => claimDueMailboxes(db, request), 'mailboxes'),
    flat('a mailbox is wanted', (db) => wantSyncs(db, addresses.slice(0, 1), 0.5), 'mailboxes'),
    flat('directory: questions, none is open', (db) => takeDirectoryQuestions(db, PROVIDER, 20, TERMS), 'mailboxes'),
    flat(
      'directory: four names that are known',
      (db) => askDirectory(db, PROVIDER, addresses.slice(0, 4)),
      'mailboxes',
    ),
    grows('mailboxes', 'places: questions, none is open', (db) =>
      takePlaceQuestions(db, PROVIDER, addresses, { most: 10, seconds: 60 }),
    ),
    flat('workers', (db) => listWorkers(db), 'mailboxes'),
    flat('the database’s clock', (db) => readDatabaseClock(db), 'mailboxes'),
    grows('mailboxes', 'counts for the operator', (db) => readMailboxCounts(db)),
  ];
}
