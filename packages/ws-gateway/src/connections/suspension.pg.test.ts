import type { ChangeRow } from 'calendar-db/changes';
import { createTestDatabase, sampleOccurrence, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import { clientMethods } from 'gateway-protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from '../testing/conditions.ts';
import { ServedConnections } from '../testing/served-connections.ts';
import { TestSocket } from '../testing/test-socket.ts';

const anna = 'anna@corp.example';
const alias = 'a.k@corp.example';
const event = sampleOccurrence();

/** What is done on one connection: requests of every method, then a change that is delivered. */
interface Script {
  readonly requests: readonly { readonly method: string; readonly payload: object }[];
  readonly change: ChangeRow;
}

describe('a connection that ends while something is done for it', () => {
  let db: TestDatabase;
  let served: ServedConnections;
  let script: Script;
  /** Runs at each suspension point. */
  let onPoint: (name: string) => void = () => undefined;

  beforeAll(async () => {
    db = await createTestDatabase();
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    served = new ServedConnections(db.database, (name) => onPoint(name));
    served.run();
    const range = { from: event.start.getTime(), to: event.end.getTime() };
    const token = async (addresses: string[]) => ({ token: await served.token('anna', addresses), tokenType: 'JWT' });
    script = {
      requests: [
        { method: 'auth', payload: { token: 'guess', tokenType: 'JWT' } },
        { method: 'auth', payload: await token([anna]) },
        { method: 'subscribeEvents', payload: {} },
        { method: 'subscribeEvents', payload: { position: 'e:0' } },
        { method: 'subscribeEvents', payload: { position: 'another:0' } },
        { method: 'getEvents', payload: range },
        { method: 'getEventById', payload: { eventId: event.eventId } },
        { method: 'auth', payload: await token([anna, alias]) },
        { method: 'unsubscribeEvents', payload: {} },
        // An address without a mailbox, so that the method looks for one.
        { method: 'auth', payload: await token(['stranger@corp.example']) },
        { method: 'getEvents', payload: range },
        { method: 'auth', payload: await token([anna, alias]) },
        { method: 'subscribeEvents', payload: range },
      ],
      change: { seq: 2, kind: 'event', eventId: event.eventId, mailboxId: null, audience: [anna], at: new Date() },
    };
  });
  afterAll(async () => {
    await served.stop();
    await db.drop();
  });

  /**
   * Plays the script on a connection of its own and ends the socket at one suspension point.
   *
   * @param endAt number of the point; none: the socket ends when all is done
   * @returns the names of the points that were met, and what was sent after the end
   */
  async function play(endAt: number): Promise<{ points: string[]; sentAfterEnd: string[] }> {
    const points: string[] = [];
    const socket = new TestSocket();
    const handler = served.accept(socket);
    const connection = [...served.hub][0]!;
    const end = () => {
      socket.closed = true;
      handler.gone(1006);
    };
    let sentBefore = 0;
    const meet = (name: string) => {
      points.push(name);
      if (points.length - 1 !== endAt) return;
      end();
      sentBefore = socket.log.length;
    };
    onPoint = meet;
    socket.onSend = () => meet('socket.send');
    for (const [index, { method, payload }] of script.requests.entries()) {
      handler.receive(JSON.stringify({ type: 1, id: index + 1, method, payload }));
    }
    // Requests have the turn in their order, so this one comes after the last of them.
    await connection.turn.take();
    connection.turn.give();
    served.router.route([script.change]);
    await soon(() => expect(served.deliveries.waiting).toBe(0));
    await connection.turn.take();
    if (!connection.isGone) end();
    onPoint = () => undefined;
    return { points, sentAfterEnd: endAt < points.length ? socket.log.slice(sentBefore) : [] };
  }

  const left = () => ({ sockets: served.hub.size, users: served.hub.users, addresses: served.hub.addresses });
  const nothing = { sockets: 0, users: 0, addresses: 0 };

  it('leaves nothing behind, at each call that a method or a delivery waits for', async () => {
    expect(new Set(script.requests.map(({ method }) => method))).toEqual(new Set(Object.keys(clientMethods)));
    const { points } = await play(Number.POSITIVE_INFINITY);
    expect(left()).toEqual(nothing);
    expect(points).toEqual(
      expect.arrayContaining(
        ['tokens.verify', 'badTokens.isBeyond', 'tail.ready', 'tail.reach', 'resumes.missed', 'reader.read'].concat([
          'database.query',
          'socket.send',
        ]),
      ),
    );
    // An answer to each request and one push.
    expect(points.filter((name) => name === 'socket.send')).toHaveLength(script.requests.length + 1);
    for (const [number, name] of points.entries()) {
      const { points: met, sentAfterEnd } = await play(number);
      const at = `${number} ${name}`;
      expect({ at, met: met[number], ...left(), sentAfterEnd }).toEqual({
        at,
        met: name,
        ...nothing,
        sentAfterEnd: [],
      });
    }
    expect(served.log.events()).not.toContain('gateway.request-failed');
  });
});
