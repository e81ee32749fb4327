import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { registerMailboxes } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrowdedCalendar } from '../testing/crowded-calendar.ts';
import type { SyncedOnce, SyncOnce } from '../testing/sync-once-main.ts';

const MAILBOX = 'crowded@corp.example';
const PROVIDER = 'crowded';
/** Of the process that synchronizes; its code takes about half of it. */
const HEAP_MIB = 72;
const main = fileURLToPath(new URL('../testing/sync-once-main.ts', import.meta.url));

let db: TestDatabase;
let calendar: CrowdedCalendar;
let url: string;
beforeAll(async () => {
  db = await createTestDatabase();
  await registerMailboxes(db.database, PROVIDER, [MAILBOX], { groupSize: 150, move: true });
  calendar = new CrowdedCalendar(4);
  url = await calendar.listen();
});
afterAll(async () => {
  await calendar.close();
  await db.drop();
});

async function syncOnce(): Promise<SyncedOnce> {
  await db.database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp(), lease_until = NULL');
  const task: SyncOnce = { database: db.options, url, provider: PROVIDER, mailbox: MAILBOX };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=source', `--max-old-space-size=${HEAP_MIB}`, main],
    { env: { ...process.env, NODE_OPTIONS: '', SYNC_ONCE: JSON.stringify(task) } },
  );
  return JSON.parse(stdout) as SyncedOnce;
}

async function live(): Promise<number> {
  const { rows } = await db.database.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM calendar.event WHERE gone_at IS NULL',
  );
  return rows[0]?.count ?? 0;
}

describe('a mailbox with 20,000 occurrences in its window', () => {
  it('is cached, and half of it let go again, in a process that could not hold it as a whole', async () => {
    const first = await syncOnce();
    expect(first.entries).toBeGreaterThan(20_000);
    expect(first.written).toBe(first.entries);
    expect(await live()).toBe(first.entries);
    calendar.from = Date.now();
    const emptied = await syncOnce();
    expect(await live()).toBe(emptied.entries);
    expect(emptied.entries).toBeLessThan(first.entries * 0.75);
  }, 120_000);
});
