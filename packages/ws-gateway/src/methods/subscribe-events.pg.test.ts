import type { ChangeRow, LogPosition } from 'calendar-db/changes';
import { createTestDatabase, sampleOccurrence, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Connection } from '../connections/connection.ts';
import { Hub } from '../connections/hub.ts';
import { Router } from '../delivery/router.ts';
import { TestSocket } from '../testing/test-socket.ts';
import type { MethodServices } from './method-services.ts';
import { subscribeEvents } from './subscribe-events.ts';

const anna = 'anna@corp.example';

/** What happens at the very moment when the data was read and the reply is not out yet. */
describe('subscribeEvents', () => {
  let db: TestDatabase;
  const event = sampleOccurrence();
  beforeAll(async () => {
    db = await createTestDatabase();
    await saveToMailbox(db.database, anna, { occurrences: [event] });
  });
  afterAll(() => db.drop());

  let connection: Connection;
  let hub: Hub;
  let router: Router;
  let position: LogPosition;
  let whileReading: () => void;
  beforeEach(() => {
    connection = new Connection({ id: 'c', socket: new TestSocket(), now: 0, onGone: () => undefined });
    hub = new Hub(() => ({ sockets: 1, socketsPerUser: 1 }));
    hub.add(connection);
    hub.signIn(connection, { serverId: 's', userId: 'anna@s', addresses: [anna], expiresAt: Number.MAX_SAFE_INTEGER });
    router = new Router({ hub, dirtyLimit: () => 100, onNews: () => undefined });
    position = { epoch: 'e', seq: 5 };
    whileReading = () => undefined;
  });

  /** The tail hands a row on and moves its position, as it does when a change was committed. */
  function commit(kind: ChangeRow['kind'], eventId: string | null): void {
    router.route([{ seq: 6, kind, eventId, mailboxId: null, audience: [anna], at: new Date() }]);
    position = { epoch: 'e', seq: 6 };
  }

  function services(): MethodServices {
    const tail = {
      get position() {
        return position;
      },
      ready: async () => position,
      reach: async () => position,
    };
    const reader = {
      read: async () => {
        whileReading();
        return [new Map()];
      },
    };
    const resumes = { missed: async () => ({ tooMuch: false, ids: new Set([event.eventId]) }) };
    const config = {
      gateway: { limits: { pageEvents: 500, rangeMonths: 13 } },
      privacy: { viewers: 'users' },
      cache: { backward: 1, forward: 1 },
    };
    const parts = { config: () => config, database: db.database, tail, hub, reader, resumes, databaseNow: Date.now };
    return parts as unknown as MethodServices;
  }

  it.each([
    ['a snapshot', {}],
    ['a resume', { position: 'e:4' }],
  ])(
    'tells what is committed after the data of %s was read, and gives a position before it',
    async (_what, payload) => {
      whileReading = () => commit('event', event.eventId);
      const reply = await subscribeEvents(services(), connection, payload);
      expect(reply.position).toBe('e:5');
      expect(connection.deliverable).toBe(false);
      connection.subscription?.release();
      expect(connection.deliverable).toBe(true);
      expect(connection.subscription?.take(10).ids).toEqual([event.eventId]);
    },
  );

  it('has the client start over when its view as a whole changes meanwhile', async () => {
    whileReading = () => commit('viewer', null);
    const reply = await subscribeEvents(services(), connection, {});
    expect(reply.position).toBeUndefined();
    connection.subscription?.release();
    expect(connection.subscription?.resync).toBeTypeOf('string');
    expect(connection.deliverable).toBe(true);
  });

  it('leaves no half subscription behind when the database fails', async () => {
    whileReading = () => {
      throw new Error('the database is away');
    };
    await expect(subscribeEvents(services(), connection, {})).rejects.toThrow('away');
    expect(connection.subscription).toBeUndefined();
  });
});
