import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from '../testing/conditions.ts';
import type { TestClient } from '../testing/test-client.ts';
import { TestGateway } from '../testing/test-gateway.ts';

const anna = 'anna@corp.example';
const HOUR_MS = 3_600_000;

describe('methods', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  let client: TestClient;
  const first = sampleOccurrence().start.getTime();
  const occurrences = Array.from({ length: 7 }, (_, index) =>
    sampleOccurrence({ subject: String(index), start: new Date(first + index * HOUR_MS) }),
  );
  const range = { from: first, to: first + 7 * HOUR_MS };

  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options, { gateway: { limits: { requestBurst: 1000 } } });
    await saveToMailbox(db.database, anna, { occurrences });
    client = await gateway.client('anna');
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  it('answer auth with who the user is and which calendars that means', async () => {
    const { access_token, expires_at } = await gateway.token('anna');
    const reply = await gateway.connect().request('auth', { token: access_token, tokenType: 'JWT' });
    expect(reply).toMatchObject({ userId: 'anna@conf.example', addresses: [anna], expiresAt: expires_at * 1000 });
    expect(Math.abs(reply.serverTime - Date.now())).toBeLessThan(60_000);
  });

  it('page getEvents by start, all pages with the position of the first', async () => {
    const pages = [await client.request('getEvents', { ...range, pageSize: 3 })];
    await saveToMailbox(db.database, anna, {
      occurrences: [sampleOccurrence({ start: new Date(first + 90 * 86_400_000) })],
    });
    for (let token = pages[0]?.nextPageToken; token !== undefined; token = pages.at(-1)?.nextPageToken) {
      pages.push(await client.request('getEvents', { ...range, pageSize: 3, pageToken: token }));
    }
    expect(pages.map((page) => page.events.map((event) => event.title))).toEqual([
      ['0', '1', '2'],
      ['3', '4', '5'],
      ['6'],
    ]);
    expect(new Set(pages.map((page) => page.position)).size).toBe(1);
    expect(pages[0]?.coveredFrom).toBeLessThan(first);
  });

  it('let getEvents lead over to a subscription without a gap', async () => {
    const { position } = await client.request('getEvents', range);
    const other = sampleOccurrence({ subject: 'between', start: new Date(first) });
    await saveToMailbox(db.database, anna, { occurrences: [other] });
    // The gateway may learn of it before or after the subscription; either way it is told.
    const reply = await client.request('subscribeEvents', { ...range, position });
    const told = reply.recovered ? reply.upserted.map((event) => event.title) : [];
    await soon(() => expect([...told, ...client.pushedTitles()]).toContain('between'));
    await client.request('unsubscribeEvents', {});
    await saveToMailbox(db.database, anna, { gone: [other.eventId] });
  });

  it('give the attendees of a large meeting in pages of 100', async () => {
    const attendees = Array.from({ length: 150 }, (_, index) => sampleAttendee(`guest${index}@else.example`));
    const large = sampleOccurrence({ attendees, start: new Date(first + 30 * 86_400_000) });
    await saveToMailbox(db.database, anna, { occurrences: [large] });
    const { event } = await client.request('getEventById', { eventId: large.eventId });
    const { event: rest } = await client.request('getEventById', { eventId: large.eventId, attendeesFrom: 100 });
    const addresses = [event, rest].flatMap((one) => ('attendees' in one ? one.attendees.map((a) => a.address) : []));
    expect(addresses).toEqual(attendees.map((attendee) => attendee.address));
    expect(event).toMatchObject({ attendeesTotal: 150 });
  });

  it.each([
    ['getEvents', { from: 5, to: 5 }, 403, /before/u],
    ['getEvents', { from: 0, to: 500 * 86_400_000 }, 403, /13 months/u],
    ['getEvents', { from: 0 }, 407, /payload\.to/u],
    ['getEvents', { from: 'now', to: 1 }, 407, /payload\.from/u],
    ['getEvents', { ...range, pageToken: 'bm9uc2Vuc2U' }, 404, /pageToken/u],
    ['getEventById', { eventId: 'x' }, 407, /payload\.eventId/u],
    ['getEventById', { eventId: '00000000-0000-5000-8000-000000000000' }, 400, /no such event/u],
    ['subscribeEvents', { position: 'nonsense' }, 404, /position/u],
    ['getChats', {}, 406, /no such method/u],
    ['toString', {}, 406, /no such method/u],
    ['auth', { token: 'x', tokenType: 'product' }, 204, /product/u],
    ['auth', { token: 'x', tokenType: 'JWT' }, 201, /new one/u],
  ])('refuse %s %j with %i', async (method, payload, errorCode, description) => {
    const reply = await client.call(method, payload);
    expect(reply).toMatchObject({ errorCode });
    expect(reply.errorDescription).toMatch(description);
  });

  it('refuse a page token of another range', async () => {
    const { nextPageToken } = await client.request('getEvents', { ...range, pageSize: 3 });
    const reply = await client.call('getEvents', { from: range.from, to: range.to + 1, pageToken: nextPageToken });
    expect(reply).toMatchObject({ errorCode: 404 });
  });

  it('refuse everything before auth with 200', async () => {
    expect(await gateway.connect().call('getEvents', range)).toMatchObject({ errorCode: 200 });
  });

  it('tell a user without a calendar here 401, and one whose calendar is being read 402', async () => {
    const boris = await gateway.client('boris');
    expect(await boris.call('subscribeEvents')).toMatchObject({ errorCode: 401 });
    await saveToMailbox(db.database, 'boris@corp.example', { cached: false });
    expect(await boris.call('subscribeEvents')).toMatchObject({ errorCode: 402 });
    await saveToMailbox(db.database, 'boris@corp.example');
    expect(await boris.call('subscribeEvents')).toMatchObject({ recovered: false });
  });

  it('keep a subscription when the same user sends a fresher token, and refuse another user’s', async () => {
    const user = await gateway.client('anna');
    await user.request('subscribeEvents', {});
    const [fresher, others] = [await gateway.token('anna'), await gateway.token('boris')];
    await user.request('auth', { token: fresher.access_token, tokenType: 'JWT' });
    expect(await user.call('auth', { token: others.access_token, tokenType: 'JWT' })).toMatchObject({ errorCode: 302 });
    const event = occurrences[0] ?? sampleOccurrence();
    await saveToMailbox(db.database, anna, { occurrences: [{ ...event, subject: 'after auth' }] });
    await soon(() => expect(user.pushedTitles()).toEqual(['after auth']));
  });
});
