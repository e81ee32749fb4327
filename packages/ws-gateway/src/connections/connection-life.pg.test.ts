import { createTestDatabase, sampleOccurrence, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from '../testing/conditions.ts';
import { TestGateway } from '../testing/test-gateway.ts';

const anna = 'anna@corp.example';

describe('a gateway whose sockets come and go', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options);
    await saveToMailbox(db.database, anna);
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  it('takes sockets again after it refused some because there were too many', async () => {
    gateway.configure({ gateway: { limits: { sockets: 2 } } });
    await gateway.worker.worker.reload();
    const holders = [gateway.connect(), gateway.connect()];
    for (const holder of holders) await holder.opened;
    for (let count = 0; count < 5; count++) {
      expect(await gateway.connect().closed).toMatchObject({ code: 4413 });
    }
    for (const holder of holders) await holder.close();
    await soon(async () => {
      const client = gateway.connect();
      expect(await client.call('nothing')).toMatchObject({ errorCode: 406 });
      await client.close();
    });
    gateway.configure();
    await gateway.worker.worker.reload();
  });

  it('lets a user in who has reloaded the page 25 times without waiting for the answer to auth', async () => {
    const { access_token: token } = await gateway.token('anna');
    for (let count = 0; count < 25; count++) {
      const client = gateway.connect();
      await client.opened;
      client.send({ type: 1, id: 1, method: 'auth', payload: { token, tokenType: 'JWT' } });
      await client.close();
    }
    const client = gateway.connect();
    expect(await client.call('auth', { token, tokenType: 'JWT' })).toMatchObject({ userId: 'anna@conf.example' });
    await client.close();
  });

  it('keeps nothing of sockets that end while they subscribe', async () => {
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence()] });
    for (let count = 0; count < 10; count++) {
      const client = await gateway.client('anna');
      client.send({ type: 1, id: 99, method: 'subscribeEvents', payload: {} });
      await client.close();
    }
    await soon(async () => {
      const ops = (await (await fetch(gateway.worker.opsUrl('/ops'))).json()) as { gateway: object };
      expect(ops.gateway).toMatchObject({ sockets: 0, users: 0, watchedAddresses: 0 });
    });
  });

  it('counts sockets that it refused among those that ended', async () => {
    const metrics = await (await fetch(gateway.worker.opsUrl('/metrics'))).text();
    expect(metrics).toMatch(/calendar_gateway_closes_total\{[^}]*code="4413"[^}]*\} [1-9]/u);
  });
});
