import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { registerWorker } from 'calendar-db/workers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CapturedLog } from 'worker-kit/testing';
import { MailboxRegistrar } from './mailbox-registrar.ts';

let db: TestDatabase;
let log: CapturedLog;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  log = new CapturedLog();
  await db.database.query('DELETE FROM calendar.mailbox');
  await db.database.query('DELETE FROM calendar.worker');
});

const addresses = Array.from({ length: 10 }, (_, n) => `${n}@corp.example`);
const under = (provider: string, some = addresses) => some.map((address) => ({ provider, address }));
const worker = (lists: readonly string[]) =>
  registerWorker(db.database, {
    ...{ workerId: randomUUID(), kind: 'sync-worker', host: 'h', instance: 0, pid: 1, version: '0' },
    ...{ configDigests: {}, keyId: null, opsAddress: null, lists, draining: false },
  });

async function known(): Promise<string[]> {
  const { rows } = await db.database.query<{ address: string }>('SELECT address FROM calendar.mailbox ORDER BY 1');
  return rows.map(({ address }) => address);
}

describe('MailboxRegistrar', () => {
  it('keeps a mailbox that was taken off the list for the grace, and says when it goes', async () => {
    await worker(addresses.slice(1));
    const patient = new MailboxRegistrar(db.database, log.logger());
    await patient.register(under('exchange'), { groupSize: 150, agreed: true });
    await patient.removeDelisted();
    await patient.removeDelisted();
    expect(await known()).toEqual(addresses);
    await new MailboxRegistrar(db.database, log.logger(), 0).removeDelisted();
    expect(await known()).toEqual(addresses.slice(1));
    expect(log.events()).toEqual(['mailboxes.registered', 'mailbox.removed']);
  });

  it('removes nothing while over a fifth would go, and says so once', async () => {
    await worker(addresses.slice(3));
    const registrar = new MailboxRegistrar(db.database, log.logger(), 0);
    await registrar.register(under('exchange'), { groupSize: 150, agreed: true });
    await registrar.removeDelisted();
    await registrar.removeDelisted();
    expect(await known()).toEqual(addresses);
    expect(log.events()).toEqual(['mailboxes.registered', 'mailboxes.removal-waits']);
  });

  it('leaves mailboxes with their server until all workers agree on another', async () => {
    const registrar = new MailboxRegistrar(db.database, log.logger());
    await registrar.register(under('old'), { groupSize: 150, agreed: true });
    const providers = async () =>
      (await db.database.query<{ provider: string }>('SELECT DISTINCT provider FROM calendar.mailbox')).rows;
    await registrar.register(under('new'), { groupSize: 150, agreed: false });
    await registrar.register(under('new'), { groupSize: 150, agreed: false });
    expect(await providers()).toEqual([{ provider: 'old' }]);
    await registrar.register(under('new'), { groupSize: 150, agreed: true });
    expect(await providers()).toEqual([{ provider: 'new' }]);
    expect(log.events()).toEqual([
      'mailboxes.registered',
      'mailboxes.move-waits',
      'mailboxes.registered',
      'mailboxes.move-done',
    ]);
  });
});
