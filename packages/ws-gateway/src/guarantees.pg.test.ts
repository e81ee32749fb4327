import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from 'calendar-db/testing';
import { parsePosition } from 'gateway-protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { soon } from './testing/conditions.ts';
import { TestGateway } from './testing/test-gateway.ts';

const anna = 'anna@corp.example';
const boris = 'boris@corp.example';
const chloe = 'chloe@corp.example';

describe('what the gateway promises', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options, { sections: { privacy: { viewers: 'participants' } } });
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

  it('1: loses nothing that is committed while somebody subscribes', async () => {
    const event = sampleOccurrence({ subject: '0' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    let last = 0;
    let writing = true;
    const writer = (async () => {
      while (writing) {
        last++;
        await saveToMailbox(db.database, anna, { occurrences: [{ ...event, subject: String(last) }] });
      }
    })();
    const clients = [];
    for (let count = 0; count < 12; count++) {
      const client = await gateway.client('anna');
      const reply = await client.request('subscribeEvents', {});
      if (reply.recovered) throw new Error('a snapshot was expected');
      clients.push({ client, first: Number(reply.events[0]?.title) });
    }
    writing = false;
    await writer;
    expect(last).toBeGreaterThan(12);
    for (const { client, first } of clients) {
      await soon(() => expect([first, ...client.pushedTitles().map(Number)].at(-1)).toBe(last));
      const titles = [first, ...client.pushedTitles().map(Number)];
      expect(titles).toEqual([...titles].sort((a, b) => a - b));
      await client.close();
    }
  });

  it('2: tells after a restart what changed, what went and what left the range meanwhile', async () => {
    const [changed, gone, moved, same] = ['changed', 'gone', 'moved', 'same'].map((subject) =>
      sampleOccurrence({ subject }),
    );
    if (!changed || !gone || !moved || !same) throw new Error('four events are made');
    await saveToMailbox(db.database, anna, { occurrences: [changed, gone, moved, same] });
    const range = { from: changed.start.getTime() - 3_600_000, to: changed.start.getTime() + 7_200_000 };
    const client = await gateway.client('anna');
    const { position } = await client.request('subscribeEvents', range);

    await gateway.end();
    const later = new Date(moved.start.getTime() + 30 * 86_400_000);
    await saveToMailbox(db.database, anna, {
      occurrences: [
        { ...changed, subject: 'changed once' },
        { ...moved, start: later, end: later, itemId: 'moved' },
      ],
    });
    await saveToMailbox(db.database, anna, {
      occurrences: [{ ...changed, subject: 'changed twice' }],
      gone: [gone.eventId],
    });
    await gateway.begin();

    const again = await gateway.client('anna');
    const reply = await again.request('subscribeEvents', { ...range, position });
    if (!reply.recovered) throw new Error('a resume was expected');
    expect(reply.upserted.map((event) => event.title)).toEqual(['changed twice']);
    expect([...reply.removed].sort()).toEqual([gone.eventId, moved.eventId].sort());
    expect(parsePosition(reply.position ?? '')?.seq).toBeGreaterThan(parsePosition(position ?? '')?.seq ?? 0);
  });

  it.each([
    ['of another history', async () => `0123456789abcdef:1`],
    ['of a future that was lost', async (position: string) => position.replace(/:\d+$/u, ':900000000')],
    [
      'that was pruned',
      async (position: string) => {
        await db.database.query(`UPDATE calendar.meta SET pruned_seq = calendar.head()`);
        return position.replace(/:\d+$/u, ':1');
      },
    ],
  ])('2: answers a position %s with a snapshot', async (_kind, spoil) => {
    const event = sampleOccurrence({ subject: 'still there' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const client = await gateway.client('anna');
    const { position } = await client.request('subscribeEvents', {});
    const reply = await client.request('subscribeEvents', { position: await spoil(position ?? '') });
    expect(reply).toMatchObject({ recovered: false, events: [{ title: 'still there' }] });
  });

  it('2: answers a position since which too much changed with a snapshot', async () => {
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence({ subject: 'still there' })] });
    const client = await gateway.client('anna');
    const { position } = await client.request('subscribeEvents', {});
    await db.database.query(
      `WITH logged AS (
         INSERT INTO calendar.change (kind, event_id, audience)
         SELECT 'event', gen_random_uuid(), ARRAY['${anna}'] FROM generate_series(1, 5001) RETURNING seq
       ) SELECT pg_notify('calendar_change', max(seq)::text) FROM logged`,
    );
    await soon(async () => {
      const reply = await client.request('subscribeEvents', { position });
      expect(reply).toMatchObject({ recovered: false, events: [{ title: 'still there' }] });
    });
  });

  it('4 and 6: sends 8 pushes without acknowledgement, then merges what changes into one newest state', async () => {
    const event = sampleOccurrence({ subject: '0' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const slow = await gateway.client('anna');
    const quick = await gateway.client('anna');
    await slow.request('subscribeEvents', {});
    await quick.request('subscribeEvents', {});
    slow.acknowledges = false;
    for (let number = 1; number <= 12; number++) {
      await saveToMailbox(db.database, anna, { occurrences: [{ ...event, subject: String(number) }] });
      await soon(() => expect(quick.pushedTitles().at(-1)).toBe(String(number)));
    }
    expect(slow.pushedTitles()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);

    slow.acknowledge(slow.pushes[0]?.id ?? 0);
    await soon(() => expect(slow.pushedTitles().at(-1)).toBe('12'));
    expect(slow.pushedTitles()).toHaveLength(9);
    const versions = slow.updates().flatMap((update) => update.upserted.map(({ version }) => version));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('5: shows a participant the event only as long as it names him', async () => {
    const event = sampleOccurrence({ subject: 'with chloe', attendees: [sampleAttendee(chloe)] });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const client = await gateway.client('chloe');
    expect(await client.request('subscribeEvents', {})).toMatchObject({ events: [{ title: 'with chloe' }] });
    await saveToMailbox(db.database, anna, { occurrences: [{ ...event, attendees: [] }] });
    await soon(() => expect(client.removed()).toEqual([event.eventId]));
    expect(await client.call('getEventById', { eventId: event.eventId })).toMatchObject({ errorCode: 400 });
  });

  it('5: tells nothing but the times of a private event of somebody else', async () => {
    const event = sampleOccurrence({
      subject: 'secret',
      location: 'hidden',
      sensitivity: 'private',
      attendees: [sampleAttendee(chloe)],
    });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const client = await gateway.client('chloe');
    const reply = await client.request('subscribeEvents', {});
    expect(reply).toMatchObject({ recovered: false, events: [{ eventId: event.eventId }] });
    const [masked] = reply.recovered ? [] : reply.events;
    expect(Object.keys(masked ?? {}).sort()).toEqual(
      ['allDay', 'end', 'eventId', 'freeBusy', 'sensitivity', 'start', 'version'].sort(),
    );
    await saveToMailbox(db.database, anna, { occurrences: [{ ...event, sensitivity: 'normal' }] });
    await soon(() => expect(client.pushedTitles()).toEqual(['secret']));
    expect(await (await gateway.client('anna')).request('subscribeEvents', {})).toMatchObject({
      events: [{ title: 'secret', location: 'hidden' }],
    });
  });

  it('tells when the event’s conference is ready, runs, and is called off', async () => {
    const event = sampleOccurrence({ subject: 'with a conference' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const client = await gateway.client('anna');
    const conferences = () =>
      client
        .updates()
        .flatMap(({ upserted }) => upserted.map((one) => ('conference' in one ? one.conference : undefined)));
    const soonShown = (conference: object | null) =>
      soon(() =>
        expect(conferences().at(-1)).toEqual(conference === null ? null : expect.objectContaining(conference)),
      );
    expect(await client.request('subscribeEvents', {})).toMatchObject({ events: [{ conference: null }] });
    await db.database.query(
      `INSERT INTO calendar.conference
         (event_id, server_id, wanted, runs, starts_at, ends_at, create_at, open_at, give_up_at)
       SELECT event_id, 'conf.example', 'own', true, start_at, end_at, start_at, start_at, end_at
       FROM calendar.event WHERE event_id = $1`,
      [event.eventId],
    );
    await soonShown({ serverId: 'conf.example', state: 'planned', startsAt: event.start.getTime() });
    await db.database.query(
      `UPDATE calendar.conference SET state = 'ready', cid = 'c1', url = 'https://conf.example/c/c1'`,
    );
    await soonShown({ id: 'c1', url: 'https://conf.example/c/c1', state: 'ready' });
    await db.database.query(`UPDATE calendar.conference SET state = 'running'`);
    await soonShown({ state: 'running' });
    await db.database.query(`UPDATE calendar.conference SET state = 'cancelled', wanted = 'none'`);
    await soonShown(null);
  });

  it('tells a client to start over when its mailbox becomes cached', async () => {
    const client = await gateway.client('dmitri');
    await client.request('subscribeEvents', {});
    await saveToMailbox(db.database, 'dmitri@corp.example', { occurrences: [sampleOccurrence({ subject: 'own' })] });
    await soon(() => expect(client.pushes.map((push) => push.method)).toContain('resyncEvents'));
    expect(await client.request('subscribeEvents', {})).toMatchObject({ recovered: false, events: [{ title: 'own' }] });
    await db.database.query(`DELETE FROM calendar.mailbox WHERE address = 'dmitri@corp.example'`);
  });

  it('shows the mailbox behind an alias that is learned while somebody looks', async () => {
    await saveToMailbox(db.database, 'person@corp.example', { occurrences: [sampleOccurrence({ subject: 'hers' })] });
    const client = await gateway.client('chloe');
    expect(await client.request('subscribeEvents', {})).toMatchObject({ events: [] });
    await db.database.query(
      `INSERT INTO calendar.person_address (alias, canonical, source) VALUES ('${chloe}', 'person@corp.example', 'test')`,
    );
    await soon(() => expect(client.pushes.map((push) => push.method)).toContain('resyncEvents'));
    expect(await client.request('subscribeEvents', {})).toMatchObject({ events: [{ title: 'hers' }] });
    await db.database.query(`DELETE FROM calendar.person_address`);
    await db.database.query(`DELETE FROM calendar.mailbox WHERE address = 'person@corp.example'`);
  });

  it('has everybody start over, on a new epoch, when the database went back in time', async () => {
    const event = sampleOccurrence({ subject: 'before' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const client = await gateway.client('anna');
    const { position = '' } = await client.request('subscribeEvents', {});
    // What a restored backup looks like to a gateway that stayed: fewer changes than it has read, on a new connection.
    await db.database.query('DELETE FROM calendar.change; UPDATE calendar.meta SET pruned_seq = 0');
    await db.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE '%ws-gateway%'`,
    );
    await soon(() => expect(client.pushes.map((push) => push.method)).toContain('resyncEvents'));
    const reply = await client.request('subscribeEvents', { position });
    expect(reply).toMatchObject({ recovered: false, events: [{ title: 'before' }] });
    expect(parsePosition(reply.position ?? '')?.epoch).not.toBe(parsePosition(position)?.epoch);
  });
});
