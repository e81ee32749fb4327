import {
  countConnections,
  createTestDatabase,
  saveToMailbox,
  type TestDatabase,
  whileTablesAreHeld,
} from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestGateway } from './testing/test-gateway.ts';

describe('a ws-gateway', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options, { gateway: { limits: { requestBurst: 1000 } } });
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  it('opens as many connections as it is said to need, however many clients ask, and closes them', async () => {
    const connections = () => countConnections(db.database, 'ws-gateway');
    const people = ['anna', 'boris', 'chloe', 'dmitri'];
    for (const name of people) await saveToMailbox(db.database, `${name}@corp.example`, { occurrences: [] });
    const clients = await Promise.all(people.map((name) => gateway.client(name)));
    const range = { from: Date.now(), to: Date.now() + 86_400_000 };
    const counts: number[] = [];
    let answers: Promise<unknown> = Promise.resolve();
    await whileTablesAreHeld(db.options, ['calendar.event'], async () => {
      const asked = clients.flatMap((client) => [1, 2, 3, 4, 5].map(() => client.request('getEvents', range)));
      answers = Promise.all(asked);
      await expect
        .poll(async () => counts[counts.push(await connections()) - 1], { timeout: 8_000, interval: 20 })
        .toBe(5 + 1);
    });
    await answers;
    counts.push(await connections());
    expect(Math.max(...counts)).toBe(5 + 1);
    await expect.poll(connections, { timeout: 40_000, interval: 200 }).toBeLessThanOrEqual(2 + 1);
  }, 60_000);
});
