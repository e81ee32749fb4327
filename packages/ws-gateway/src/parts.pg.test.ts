import { createTestDatabase, sampleOccurrence, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from './testing/conditions.ts';
import { TestGateway } from './testing/test-gateway.ts';

const anna = 'anna@corp.example';

describe('a gateway whose frames hold two events', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options, { gateway: { limits: { pageEvents: 2 } } });
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  it('3: gives a snapshot in parts, of which only the last carries a position', async () => {
    const occurrences = Array.from({ length: 7 }, (_, index) => sampleOccurrence({ subject: String(index) }));
    await saveToMailbox(db.database, anna, { occurrences });
    const client = await gateway.client('anna');
    const reply = await client.request('subscribeEvents', {});
    if (reply.recovered) throw new Error('a snapshot was expected');
    expect(reply.events).toHaveLength(2);
    expect(reply.position).toBeUndefined();
    await soon(() => expect(client.updates().at(-1)?.position).toBeTypeOf('string'));
    expect(client.updates().map((update) => [update.upserted.length, update.position === undefined])).toEqual([
      [2, true],
      [2, true],
      [1, false],
    ]);
    const titles = [...reply.events.map((event) => event.title), ...client.pushedTitles()];
    expect(titles.sort()).toEqual(occurrences.map((event) => event.subject));

    const position = client.updates().at(-1)?.position;
    await saveToMailbox(db.database, anna, {
      occurrences: occurrences.slice(0, 3).map((event) => ({ ...event, location: 'other' })),
    });
    const again = await gateway.client('anna');
    const resumed = await again.request('subscribeEvents', { position });
    expect(resumed).toMatchObject({ recovered: true, removed: [] });
    expect(resumed.position).toBeUndefined();
    await soon(() => expect(again.updates().at(-1)?.position).toBeTypeOf('string'));
    expect(again.updates().flatMap((update) => update.upserted)).toHaveLength(1);
  });
});
