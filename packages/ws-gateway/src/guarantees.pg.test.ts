import { randomUUID } from 'node:crypto';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestGateway } from './testing/test-gateway.ts';

const anna = 'anna@corp.example';
const boris = 'boris@corp.example';
const soon = <T>(condition: () => T) => vi.waitFor(condition, { interval: 5, timeout: 10_000 });

describe('what the gateway promises', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options);
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  beforeEach(async () => {
    await saveToMailbox(db.database, anna);
    await saveToMailbox(db.database, boris);
  });
  afterEach(async () => {
    await db.database.query('DELETE FROM calendar.event');
  });

  it('shows an event in the snapshot, pushes its change, and takes it away when it is gone', async () => {
    const event = sampleOccurrence({ subject: 'Planning' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const client = await gateway.client('anna');
    const reply = await client.request('subscribeEvents', {});
    expect(reply).toMatchObject({ recovered: false, events: [{ eventId: event.eventId, title: 'Planning' }] });
    expect(reply.position).toBeTypeOf('string');

    await saveToMailbox(db.database, anna, { occurrences: [{ ...event, subject: 'Review' }] });
    await soon(() => expect(client.pushedTitles()).toEqual(['Review']));
    expect(client.updates().at(-1)?.position).toBeTypeOf('string');

    await saveToMailbox(db.database, anna, { gone: [event.eventId] });
    await soon(() => expect(client.removed()).toEqual([event.eventId]));
  });
});
