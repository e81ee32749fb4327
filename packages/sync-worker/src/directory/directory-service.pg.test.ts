import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from 'worker-kit/testing';
import { syncWorker } from '../sync-worker.ts';
import { FakeReader } from '../testing/fake-reader.ts';
import { calendarItem, ewsAddress, ewsError, viewItem } from '../testing/sample-ews-items.ts';

const ANNA = 'anna@corp.example';
const TEAM = 'team@corp.example';
const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000 });

let db: TestDatabase;
let config: TestConfig;
let worker: TestWorker;
let reader: FakeReader;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.clear();
  reader = new FakeReader();
  // Anna's meeting with a list of three, tomorrow.
  const start = new Date(Date.now() + 86_400_000);
  const meeting = { itemId: 'meeting', start, end: new Date(start.getTime() + 3_600_000) };
  reader.items = [viewItem(meeting)];
  const requiredAttendees = [{ ...ewsAddress(TEAM, 'PublicDL'), response: 'unknown' as const, respondedAt: null }];
  reader.details.set('meeting', calendarItem({ ...meeting, requiredAttendees }));
  reader.names.set(`smtp:${TEAM}`, [{ ...ewsAddress(TEAM, 'PublicDL'), addresses: [] }]);
  reader.lists.set(
    TEAM,
    ['boris', 'chloe', 'dora'].map((name) => ewsAddress(`${name}@corp.example`)),
  );
  config = await writeTestConfig(db.options);
});
afterEach(async () => {
  await worker.stop();
  config.remove();
});

function start(listMembers: number): void {
  write(listMembers);
  worker = startTestWorker(syncWorker({ upkeepMs: 100, directoryMs: 50, makeReader: () => reader }), config);
}

function write(listMembers: number): void {
  const credentials = [{ login: 'service', password: config.encrypt('secret') }];
  config.write({
    calendarProviders: [{ type: 'ews', host: 'exchange.example', credentials, users: [ANNA] }],
    cache: { autoSync: true },
    sync: { pollSeconds: 0.1, listMembers },
  });
}

async function audience(): Promise<string[] | undefined> {
  const { rows } = await db.database.query<{ audience: string[] }>('SELECT audience FROM calendar.event');
  return rows[0]?.audience;
}

const outdate = () =>
  db.database.query(
    "UPDATE calendar.directory_entry SET checked_at = checked_at - interval '1 day', asked_until = NULL",
  );
async function isFresh(): Promise<boolean | undefined> {
  const { rows } = await db.database.query<{ fresh: boolean }>(
    "SELECT checked_at > clock_timestamp() - interval '1 hour' AS fresh FROM calendar.directory_entry WHERE address = $1",
    [TEAM],
  );
  return rows[0]?.fresh;
}

const said = (event: string) => worker.log.entries.filter((entry) => entry.event === event).length;

describe('the directory service', () => {
  it('leaves a list that is too large a list and says so once, until the limit allows it', async () => {
    start(2);
    await worker.log.waitFor('directory.list-too-large');
    await poll(audience).toEqual([ANNA, TEAM]);
    await outdate();
    await poll(isFresh).toBe(true);
    expect(said('directory.list-too-large')).toBe(1);
    write(3);
    await worker.worker.reload();
    await outdate();
    await poll(audience).toHaveLength(5);
  });

  it('says once that a server tells nothing of people, keeps its calendars, and goes on when it does', async () => {
    let isUnable = true;
    reader.before = (_mailbox, operation) => {
      if (isUnable && operation === 'ResolveNames') throw ewsError('ErrorInvalidRequest', 'config');
    };
    start(1000);
    await worker.log.waitFor('directory.unable');
    await poll(audience).toEqual([ANNA, TEAM]);
    await outdate();
    await db.database.query('UPDATE calendar.directory_entry SET asked_until = NULL');
    isUnable = false;
    await worker.log.waitFor('directory.back');
    await poll(audience).toHaveLength(5);
    expect(said('directory.unable')).toBe(1);
    const { rows } = await db.database.query('SELECT status, error_code FROM calendar.mailbox');
    expect(rows).toEqual([{ status: 'ok', error_code: null }]);
  });
});
