import { createTestDatabase, sampleOccurrence, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import fc from 'fast-check';
import { clientMethods } from 'gateway-protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from './testing/conditions.ts';
import { TestClient } from './testing/test-client.ts';
import { TestGateway } from './testing/test-gateway.ts';

const anna = 'anna@corp.example';

describe('sockets and frames', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options, {
      gateway: { limits: { requestsPerSecond: 1, requestBurst: 20, socketsPerUser: 5 } },
    });
    await saveToMailbox(db.database, anna);
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  it('are served with a slash at the end too, with json.v1 echoed or no subprotocol at all', async () => {
    const slash = new TestClient(`${gateway.url}/`);
    await slash.opened;
    expect(slash.socket.protocol).toBe('json.v1');
    const plain = gateway.connect([]);
    await plain.opened;
    expect(plain.socket.protocol).toBe('');
    expect(await plain.call('nothing')).toMatchObject({ errorCode: 406 });
    const several = gateway.connect(['soap', 'json.v1']);
    await several.opened;
    expect(several.socket.protocol).toBe('json.v1');
    for (const client of [slash, plain, several]) await client.close();
  });

  it('are refused with another subprotocol', async () => {
    await expect(gateway.connect(['json.v2']).opened).rejects.toThrow();
  });

  it.each([
    ['no JSON', 'hello', 1007],
    ['JSON but no object', '[1]', 1007],
    ['an object without type', '{}', 1008],
    ['an id that is none', '{"type":1,"id":-1,"method":"auth"}', 1008],
    ['a frame that is too large', `{"type":1,"id":1,"method":"${'x'.repeat(70_000)}"}`, 1009],
    ['a binary frame', new Uint8Array([1, 2, 3]), 1003],
  ])('end after %s', async (_what, frame, code) => {
    const client = gateway.connect();
    await client.opened;
    client.socket.send(frame);
    expect(await client.closed).toMatchObject({ code });
  });

  it('get an error where an id can be read', async () => {
    const client = gateway.connect();
    await client.opened;
    const answer = new Promise((resolve) => {
      client.socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))), { once: true });
    });
    client.send('{"type":1,"id":77,"method":5}');
    expect(await answer).toMatchObject({ type: 2, id: 77, payload: { errorCode: 407 } });
  });

  it('are refused requests beyond the budget, and closed when they go on regardless', async () => {
    const client = gateway.connect();
    await client.opened;
    const answers = await Promise.all(Array.from({ length: 30 }, () => client.call('getEvents', {})));
    const codes = answers.map((answer) => answer.errorCode);
    expect(codes.filter((code) => code === 405).length).toBeGreaterThanOrEqual(8);
    for (let count = 0; count < 150; count++) client.send({ type: 1, id: 1000 + count, method: 'getEvents' });
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  it('do not count acknowledgements as requests', async () => {
    const client = await gateway.client('anna');
    for (let id = 0; id < 200; id++) client.acknowledge(id);
    expect(await client.call('subscribeEvents')).toMatchObject({ recovered: false });
    await client.close();
  });

  it('are closed after three bad tokens, and when one user has too many', async () => {
    const guesser = gateway.connect();
    for (let count = 0; count < 3; count++) {
      await guesser.call('auth', { token: 'guess', tokenType: 'JWT' }).catch(() => undefined);
    }
    expect(await guesser.closed).toMatchObject({ code: 4401 });

    const { access_token: token } = await gateway.token('boris');
    const clients = Array.from({ length: 6 }, () => gateway.connect());
    for (const client of clients) await client.call('auth', { token, tokenType: 'JWT' });
    expect(await clients[5]?.closed).toMatchObject({ code: 4413 });
    await clients[0]?.close();
    await soon(async () => {
      const reply = await gateway.connect().call('auth', { token, tokenType: 'JWT' });
      expect(reply).toMatchObject({ userId: 'boris@conf.example' });
    });
  });

  it('are closed at every further bad token of an address that sent too many, and at no good one', async () => {
    gateway.configure({ gateway: { limits: { failedLoginsPerAddress: 5, requestBurst: 20 } } });
    await gateway.worker.worker.reload();
    const guess = async () => {
      const client = gateway.connect();
      await client.call('auth', { token: 'guess', tokenType: 'JWT' }).catch(() => undefined);
      return client;
    };
    for (let count = 0; count < 5; count++) await (await guess()).close();
    expect(await (await guess()).closed).toMatchObject({ code: 4429 });
    await (await gateway.client('anna')).close();
    gateway.configure();
    await gateway.worker.worker.reload();
  });

  it('survive whatever is sent to them, and so do the others', async () => {
    const bystander = await gateway.client('anna');
    await bystander.request('subscribeEvents', {});
    const payload = fc.oneof(
      fc.json().map((text) => JSON.parse(text)),
      fc.constant({}),
      fc.object(),
    );
    const frame = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ type: fc.constantFrom(0, 1, 2, 3), id: fc.integer(), method: fc.string(), payload })
        .map((f) => JSON.stringify(f)),
      fc
        .record({
          type: fc.constant(1),
          id: fc.nat(),
          method: fc.constantFrom(...Object.keys(clientMethods)),
          payload,
        })
        .map((f) => JSON.stringify(f)),
      fc.uint8Array({ maxLength: 200 }),
    );
    const { access_token: token } = await gateway.token('chloe');
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), async (frames) => {
        const client = gateway.connect();
        await client.call('auth', { token, tokenType: 'JWT' });
        for (const one of frames) client.socket.send(one as string);
        await client.close();
      }),
      { numRuns: 60 },
    );
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence({ subject: 'still served' })] });
    await soon(() => expect(bystander.pushedTitles()).toEqual(['still served']));
    expect(gateway.worker.log.events()).not.toContain('gateway.defect');
  });
});
