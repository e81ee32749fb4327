import type { SyncedOccurrence } from 'calendar-db/sync';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from 'calendar-db/testing';
import fc from 'fast-check';
import { CalendarClient, type CalendarEvent, TokenSession, type WebSocketConstructor } from 'gateway-protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from './testing/conditions.ts';
import { TestGateway } from './testing/test-gateway.ts';

const anna = 'anna@corp.example';
const chloe = 'chloe@corp.example';
const EVENTS = 6;

type Step =
  | {
      readonly kind: 'save';
      readonly event: number;
      readonly title: string;
      readonly day: number;
      readonly invites: boolean;
    }
  | { readonly kind: 'remove'; readonly event: number }
  | { readonly kind: 'private'; readonly event: number }
  | { readonly kind: 'cutSockets' }
  | { readonly kind: 'restartGateway' };

const event = fc.nat({ max: EVENTS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('save' as const),
      event,
      title: fc.string({ maxLength: 5 }).map((text) => text.replaceAll('\u0000', '')),
      day: fc.nat({ max: 9 }),
      invites: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), event }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('private' as const), event }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cutSockets' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restartGateway' as const) }) },
);

describe('a client and its calendar', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  const sockets = new Set<WebSocket>();
  class SpiedSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.add(this);
    }
  }
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options, {
      gateway: { limits: { pageEvents: 2 } },
      sections: { privacy: { viewers: 'participants' } },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  const samples = Array.from({ length: EVENTS }, () => sampleOccurrence());
  const firstStart = samples[0]?.start.getTime() ?? 0;
  /** Days 0 to 4 of the ten that events are moved to and fro. */
  const range = { from: firstStart, to: firstStart + 5 * 86_400_000 };

  async function openClient(username: string): Promise<CalendarClient> {
    const session = await TokenSession.signIn({ url: gateway.url }, username, 'demo');
    const client = new CalendarClient({
      url: gateway.url,
      getToken: () => session.getToken(),
      range: () => range,
      WebSocket: SpiedSocket as unknown as WebSocketConstructor,
    });
    client.start();
    await soon(() => expect(client.state).toBe('live'));
    return client;
  }

  async function apply(step: Step, held: Map<number, SyncedOccurrence>): Promise<void> {
    if (step.kind === 'cutSockets') {
      for (const socket of sockets) socket.close();
      sockets.clear();
    } else if (step.kind === 'restartGateway') {
      await gateway.end();
      await gateway.begin();
    } else if (step.kind === 'remove') {
      held.delete(step.event);
      await saveToMailbox(db.database, anna, { gone: [samples[step.event]?.eventId ?? ''] });
    } else {
      const now = held.get(step.event) ?? samples[step.event] ?? sampleOccurrence();
      const start = step.kind === 'save' ? new Date(firstStart + step.day * 86_400_000) : now.start;
      const next: SyncedOccurrence =
        step.kind === 'private'
          ? { ...now, sensitivity: 'private' }
          : {
              ...now,
              subject: step.title,
              start,
              end: new Date(start.getTime() + 3_600_000),
              attendees: step.invites ? [sampleAttendee(chloe)] : [],
            };
      held.set(step.event, next);
      await saveToMailbox(db.database, anna, { occurrences: [next] });
    }
  }

  /** What a newcomer is shown; versions aside, which grow with every look. */
  async function truth(username: string): Promise<object[]> {
    const client = await gateway.client(username);
    const events: CalendarEvent[] = [];
    let pageToken: string | undefined;
    do {
      const page = await client.request('getEvents', { ...range, ...(pageToken === undefined ? {} : { pageToken }) });
      events.push(...page.events);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    await client.close();
    return withoutVersions(events);
  }

  it('are the same in the end, whatever was changed, cut and restarted in whatever order', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        await db.database.query('DELETE FROM calendar.event');
        await saveToMailbox(db.database, anna);
        const held = new Map<number, SyncedOccurrence>();
        const viewers = ['anna', 'chloe'];
        const clients = await Promise.all(viewers.map(openClient));
        try {
          for (const one of steps) {
            await apply(one, held);
            // Cuts the wait before the next attempt short: the order of things matters here, not the pace.
            for (const client of clients) client.start();
          }
          for (const [index, username] of viewers.entries()) {
            const expected = await truth(username);
            await soon(() => {
              clients[index]?.start();
              expect(withoutVersions(clients[index]?.events.values() ?? [])).toEqual(expected);
            });
          }
        } finally {
          for (const client of clients) client.stop();
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
});

function withoutVersions(events: Iterable<CalendarEvent>): object[] {
  return [...events].map(({ version: _, ...rest }) => rest).sort((a, b) => a.eventId.localeCompare(b.eventId));
}
