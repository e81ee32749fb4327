import { createTestDatabase, sampleOccurrence, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import { CalendarClient } from 'gateway-protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestWorker } from 'worker-kit/testing';
import { soon } from './testing/conditions.ts';
import { TestGateway } from './testing/test-gateway.ts';
import { wsGateway } from './ws-gateway.ts';

const anna = 'anna@corp.example';

describe('the life of a gateway', () => {
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

  it('says that it is healthy, and nothing more, on the public port', async () => {
    await soon(async () => {
      const reply = await fetch(`${gateway.base}/healthz`);
      expect([reply.status, await reply.json()]).toEqual([200, { ok: true }]);
    });
    expect((await fetch(`${gateway.base}/metrics`)).status).toBe(404);
    expect((await fetch(`${gateway.base}/`)).status).toBe(404);
  });

  it('is not ready while the triggers that write the change log are not all there', async () => {
    await db.database.query('ALTER TABLE calendar.event DISABLE TRIGGER event_updated');
    await soon(async () => expect((await fetch(`${gateway.base}/healthz`)).status).toBe(503));
    expect((await fetch(gateway.worker.opsUrl('/readyz'))).status).toBe(503);
    await db.database.query('ALTER TABLE calendar.event ENABLE TRIGGER event_updated');
    await soon(async () => expect((await fetch(`${gateway.base}/healthz`)).status).toBe(200));
  });

  it('tells its numbers on the ops listener', async () => {
    const client = await gateway.client('anna');
    await client.request('subscribeEvents', {});
    const metrics = await (await fetch(gateway.worker.opsUrl('/metrics'))).text();
    expect(metrics).toMatch(/calendar_gateway_sockets\{[^}]*\} [1-9]/u);
    expect(metrics).toMatch(/calendar_gateway_subscriptions\{[^}]*\} [1-9]/u);
    expect(metrics).toContain('calendar_gateway_delivery_seconds_bucket');
    await client.close();
  });

  it('refuses a port that is taken with one clear line', async () => {
    const second = startTestWorker(wsGateway(), gateway.config, { instance: 1 });
    await expect(second.ended).rejects.toMatchObject({
      code: 'gateway-port-taken',
      message: expect.stringMatching(/^port \d+ on 127\.0\.0\.1 cannot be listened on: .*wsPort/u),
    });
  });

  it('keeps secrets, tokens and titles out of its log', async () => {
    const event = sampleOccurrence({ subject: 'a title nobody else may read' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    const { access_token, refresh_token } = await gateway.token('anna');
    const client = await gateway.client('anna');
    await client.request('subscribeEvents', {});
    const log = JSON.stringify(gateway.worker.log.entries);
    for (const secret of ['demo', access_token, refresh_token ?? '', event.subject]) expect(log).not.toContain(secret);
    await client.close();
  });

  it('tells clients that it is closing; they come back to the next one and miss nothing', async () => {
    const { access_token } = await gateway.token('anna');
    const client = new CalendarClient({ url: gateway.url, getToken: () => access_token });
    const closing: unknown[] = [];
    client.on('closing', (push) => closing.push(push));
    client.start();
    await soon(() => expect(client.state).toBe('live'));
    const raw = await gateway.client('anna');

    await gateway.end();
    expect(closing).toMatchObject([{ reconnect: true }]);
    expect(await raw.closed).toMatchObject({ code: 1001 });
    const event = sampleOccurrence({ subject: 'meanwhile' });
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    await gateway.begin();
    await soon(() => {
      client.start();
      expect(client.events.get(event.eventId)?.title).toBe('meanwhile');
    });
    client.stop();
  });

  it('goes on after the database was away', async () => {
    const client = await gateway.client('anna');
    await client.request('subscribeEvents', {});
    const event = sampleOccurrence({ subject: 'after the outage' });
    await db.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE '%ws-gateway%'`,
    );
    await saveToMailbox(db.database, anna, { occurrences: [event] });
    await soon(() => expect(client.pushedTitles()).toContain('after the outage'));
    await client.close();
  });
});
