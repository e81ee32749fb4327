import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import type { EwsClientOptions } from 'ews-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from 'worker-kit/testing';
import { syncWorker } from './sync-worker.ts';
import { FakeReader } from './testing/fake-reader.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000 });

let db: TestDatabase;
let config: TestConfig;
let worker: TestWorker;
let opened: { url: string; password: string; reader: FakeReader }[];

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  opened = [];
  config = await writeTestConfig(db.options);
  configure({});
  await db.database.query('DELETE FROM calendar.mailbox');
  await db.database.query('DELETE FROM calendar.credential');
  worker = startTestWorker(syncWorker({ upkeepMs: 100, makeReader }), config);
});
afterEach(async () => {
  await worker.stop();
  config.remove();
});

function makeReader({ url, password }: EwsClientOptions): FakeReader {
  const reader = new FakeReader();
  reader.syncFolderItems = async () => {
    reader.calls++;
    return { syncState: 'state', complete: true, changes: [], ignored: 0 };
  };
  opened.push({ url, password: password ?? '', reader });
  return reader;
}

function configure(provider: Record<string, unknown>): void {
  const credentials = [{ login: 'service', password: config.encrypt('secret') }];
  const users = ['anna@corp.example'];
  config.write({
    calendarProviders: [{ type: 'ews', host: 'exchange.example', credentials, users, ...provider }],
    cache: { autoSync: true },
    sync: { pollSeconds: 0.1 },
  });
}

async function mailboxes() {
  const { rows } = await db.database.query<{ address: string; provider: string; cached: boolean }>(
    'SELECT address, provider, cached_at IS NOT NULL AS cached FROM calendar.mailbox ORDER BY address',
  );
  return rows;
}

const anna = { address: 'anna@corp.example', provider: 'exchange.example/ews/exchange.asmx', cached: true };

describe('syncWorker', () => {
  it('caches what its config lists, turns ready, and hands everything back when it stops', async () => {
    await poll(mailboxes).toEqual([anna]);
    await worker.log.waitFor('worker.ready');
    const report = (await (await fetch(worker.opsUrl('/readyz'))).json()) as { checks: Record<string, unknown> };
    expect(report.checks).toMatchObject({ mailboxes: { state: 'ok', detail: '1 mailboxes in 1 groups' } });
    expect(await worker.stop()).toBe(true);
    const { rows } = await db.database.query('SELECT FROM calendar.mailbox WHERE lease_owner IS NOT NULL');
    expect(rows).toEqual([]);
    expect(opened[0]?.reader.closed).toBe(true);
  });

  it('takes over another list of users without touching the connections', async () => {
    await poll(mailboxes).toEqual([anna]);
    configure({ users: ['anna@corp.example', 'boris@corp.example'] });
    await worker.worker.reload();
    await poll(mailboxes).toEqual([anna, { ...anna, address: 'boris@corp.example' }]);
    expect(opened).toHaveLength(1);
    expect(opened[0]?.reader.closed).toBe(false);
  });

  it('signs in anew with a new password', async () => {
    await poll(mailboxes).toEqual([anna]);
    configure({ credentials: [{ login: 'service', password: config.encrypt('changed') }] });
    await worker.worker.reload();
    expect(opened.map(({ password }) => password)).toEqual(['secret', 'changed']);
    await poll(() => opened[0]?.reader.closed).toBe(true);
    await poll(() => opened[1]?.reader.calls).toBeGreaterThan(0);
  });

  it('reads a mailbox anew from a server of another name', async () => {
    await poll(mailboxes).toEqual([anna]);
    configure({ host: 'mail.example' });
    await worker.worker.reload();
    await poll(() => opened[1]?.reader.views.length).toBeGreaterThan(0);
    await poll(mailboxes).toEqual([{ ...anna, provider: 'mail.example/ews/exchange.asmx' }]);
  });

  it('goes on with what it has when a changed config cannot be used', async () => {
    await poll(mailboxes).toEqual([anna]);
    configure({ tls: { ca: '/nowhere/ca.pem' } });
    await worker.worker.reload();
    expect(worker.log.entries.find(({ level }) => level === 'error')?.message).toContain('/nowhere/ca.pem');
    const before = opened[0]?.reader.calls ?? 0;
    await poll(() => opened[0]?.reader.calls).toBeGreaterThan(before + 1);
    expect(opened[0]?.reader.closed).toBe(false);
  });
});
