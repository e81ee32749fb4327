import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { planConferences } from 'calendar-db/conferences';
import { CalendarListener } from 'calendar-db/notifications';
import { countCredentialAcceptance, countCredentialRefusal, takeSignInPermit } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { registerWorker } from 'calendar-db/workers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestWorker, type TestConfig, writeTestConfig } from 'worker-kit/testing';
import { runCalendarctl } from './run-calendarctl.ts';

describe('calendarctl', () => {
  let db: TestDatabase;
  let config: TestConfig;

  /** Runs one command; its answer and what it said beside. */
  async function ctl(argv: string[], path = config.path) {
    const out: string[] = [];
    const err: string[] = [];
    const io = { env: process.env, out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
    const code = await runCalendarctl([...argv, '--config', path], io);
    return { code, out, err, json: () => JSON.parse(out.join('\n')) };
  }

  beforeAll(async () => {
    db = await createTestDatabase();
    config = await writeTestConfig(db.options);
  });
  afterAll(async () => {
    config.remove();
    await db.drop();
  });

  it('brings a bare database to the current schema, once', async () => {
    const server = inject('calendarTestServer');
    const name = `${db.options.database}_bare`;
    const admin = new SqlDatabase({ ...server, poolSize: 1 });
    await admin.query(`CREATE DATABASE ${name}`);
    const bare = await writeTestConfig({ ...server, database: name });
    try {
      expect(await ctl(['status'], bare.path)).toMatchObject({
        code: 57,
        err: [expect.stringContaining('calendarctl migrate')],
      });
      expect((await ctl(['migrate'], bare.path)).out[0]).toContain('applied 1 baseline (breaking)');
      expect(await ctl(['migrate'], bare.path)).toMatchObject({ code: 0, out: ['the schema is current'] });
    } finally {
      bare.remove();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.close();
    }
  });

  it('prints the SQL for role and database of the config, without its password', async () => {
    const { code, out } = await ctl(['bootstrap-db']);
    expect(code).toBe(0);
    expect(out.join('\n')).toContain(`CREATE DATABASE "${db.options.database}"`);
    expect(out.join('\n')).not.toContain(db.options.password);
  });

  it('finds every mistake of a config, and passwords that cannot be read', async () => {
    const fine = await ctl(['check-config']);
    expect(fine.code).toBe(0);
    expect(fine.out.at(-1)).toContain('can be used');
    const wrong = await writeTestConfig(db.options, { wsPort: 'x', launchConference: 3 });
    expect(await ctl(['check-config'], wrong.path)).toMatchObject({
      code: 78,
      err: [expect.stringContaining('wsPort'), expect.stringContaining('launchConference')],
    });
    const other = await writeTestConfig(db.options);
    wrong.write({ dbConnectionConfig: { password: other.encrypt('made with another key') } });
    const foreign = await ctl(['check-config'], wrong.path);
    expect(foreign).toMatchObject({ code: 78, err: [expect.stringContaining('dbConnectionConfig.password')] });
    rmSync(join(other.folder, 'secret.key'));
    expect(await ctl(['check-config'], other.path)).toMatchObject({ code: 77 });
    wrong.remove();
    other.remove();
  });

  it('shows live workers with their own verdict, dead ones, and the mailboxes', async () => {
    const worker = startTestWorker(
      { kind: 'launcher', sections: [], start: async () => ({ services: [], prepareReload: () => () => undefined }) },
      config,
    );
    await worker.log.waitFor('worker.ready');
    const dead = '00000000-0000-4000-8000-000000000009';
    const { entry } = worker.context.registry;
    await registerWorker(db.database, { ...entry, workerId: dead, kind: 'ws-gateway', keyId: null, opsAddress: null });
    await db.database.query("UPDATE calendar.worker SET seen_at = seen_at - interval '1 minute' WHERE worker_id = $1", [
      dead,
    ]);
    await db.database.query(
      "INSERT INTO calendar.mailbox (provider, address, owner) VALUES ('ex', 'anna@corp.example', 'anna@corp.example')",
    );
    await expect
      .poll(async () => (await ctl(['status', '--json'])).json().workers)
      .toMatchObject([
        { kind: 'launcher', state: 'ok', ops: entry.opsAddress ?? expect.any(String) },
        { kind: 'ws-gateway', state: expect.stringMatching(/^dead for 6\d s$/u) },
      ]);
    const { out } = await ctl(['status']);
    expect(out[0]).toMatch(/^kind +instance/u);
    expect(out.join('\n')).toMatch(/ex +1 +0 +1/u);
    await worker.stop();
  });

  it('tells how many accounts the listed mailboxes need, what is polled meanwhile, and what to do', async () => {
    const users = Array.from({ length: 4_100 }, (_, n) => `person${n}@corp.example`);
    const many = await writeTestConfig(db.options);
    const credentials = [{ login: 'service', password: many.encrypt('unused') }];
    many.write({ calendarProviders: [{ type: 'ews', host: 'exchange.invalid', credentials, users }] });
    const status = (await ctl(['status', '--json'], many.path)).json();
    expect(status.streams).toEqual([
      {
        ...{ provider: 'exchange.invalid/ews/exchange.asmx', mailboxes: 4_100, accounts: 1, accountsNeeded: 3 },
        ...{ streamsNeeded: 21, polledMailboxes: 2_500, pollSeconds: 125, shortage: expect.any(String) },
      },
    ]);
    const text = (await ctl(['status'], many.path)).out.join('\n');
    expect(text).toMatch(/^warning: exchange\.invalid\S+ 4100 mailboxes need 21 streams.* list 2 more account/mu);
    expect((await ctl(['status'])).out.join('\n')).not.toContain('warning: exchange');
    many.remove();
  });

  it('counts the mailboxes of each sync group, however small the machines of Exchange have made them', async () => {
    await db.database.query(
      `INSERT INTO calendar.mailbox (provider, address, owner, sync_group)
       SELECT 'exchange.invalid/ews/exchange.asmx', name, name, 'exchange.invalid/ews/exchange.asmx/' || n
       FROM generate_series(1, 9) n, concat('small', n, '@corp.example') name`,
    );
    const { streams } = (await ctl(['status', '--json'])).json();
    expect(streams).toMatchObject([{ mailboxes: 9, streamsNeeded: 9, accountsNeeded: 2, polledMailboxes: 1 }]);
    await db.database.query("DELETE FROM calendar.mailbox WHERE address LIKE 'small%'");
  });

  it('compares what the registered workers may open with what Postgres allows', async () => {
    const { database } = db;
    const { rows } = await database.query<{ allowed: number }>(
      `SELECT current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
              - coalesce(current_setting('reserved_connections', true)::integer, 0) AS allowed`,
    );
    const allowed = rows[0]?.allowed ?? 0;
    const enough = (await ctl(['status', '--json'])).json();
    expect(enough.connections).toMatchObject({ allowed, warning: null });
    const workers = Math.ceil(allowed / 7) + 1;
    await database.query(
      `INSERT INTO calendar.worker (worker_id, kind, host, instance, pid, version, config_digests)
       SELECT gen_random_uuid(), 'sync-worker', 'many', n, n, '0', '{}' FROM generate_series(1, $1) n`,
      [workers],
    );
    const { out } = await ctl(['status']);
    await database.query("DELETE FROM calendar.worker WHERE host = 'many'");
    expect(out.join('\n')).toMatch(/^warning: the \d+ registered workers .* Set max_connections/mu);
    expect(out.join('\n')).toMatch(new RegExp(`^sync-worker +${workers} +7 +${workers * 7}$`, 'mu'));
  });

  it('asks workers to reload through the database', async () => {
    const heard: unknown[] = [];
    const listener = new CalendarListener({ database: db.options });
    listener.onWorker((message) => heard.push(message));
    await listener.start();
    await expect.poll(() => listener.state).toBe('listening');
    expect((await ctl(['reload', 'launcher'])).code).toBe(0);
    await expect.poll(() => heard).toContainEqual({ reload: 'launcher' });
    await listener.close();
  });

  it('gives the log a new epoch', async () => {
    const first = (await ctl(['new-epoch', '--json'])).json();
    const second = (await ctl(['new-epoch', '--json'])).json();
    expect(first.epoch).toMatch(/^[0-9a-f]{16}$/u);
    expect(second.epoch).not.toBe(first.epoch);
  });

  it('shows starts and plans, none so far', async () => {
    expect(await ctl(['starts', '--since', '2h'])).toMatchObject({ code: 0, out: ['nothing was started'] });
    expect((await ctl(['plan', '--json'])).json()).toEqual([]);
    expect(await ctl(['confirm-removal'])).toMatchObject({ code: 0, out: ['no mailbox waits for removal'] });
  });

  it('explains why a meeting gets no conference, or one that is not run', async () => {
    const startMs = Date.now() + 3_600_000;
    const plan = (reason: string | null) => ({
      ...{ eventId: randomUUID(), wanted: 'none' as const, reason, serverId: null, ownerId: null, topic: null },
      ...{
        description: null,
        invitees: [],
        autoInvite: true,
        seriesKey: null,
        linkCid: null,
        linkUrl: null,
        runs: false,
      },
      ...{ startMs, endMs: startMs + 3_600_000, createMs: startMs, openMs: startMs, giveUpMs: startMs },
    });
    const [external, refused, plain] = [plan('external-organizer'), plan('refused:userNotFound'), plan(null)];
    await planConferences(db.database, 'test', [external, refused, plain]);
    const shown: Record<string, unknown>[] = (await ctl(['plan', '--json'])).json();
    const explanation = new Map(shown.map((row) => [row.event, row.explanation]));
    expect(explanation.get(external.eventId)).toContain('neither a TrueConf user nor listed in `users`');
    expect(explanation.get(refused.eventId)).toContain('The server refused for good');
    expect(explanation.get(plain.eventId)).toBeNull();
    expect((await ctl(['plan'])).out.join('\n')).toContain('neither a TrueConf user nor listed in `users`');
    await db.database.query('DELETE FROM calendar.conference');
  });

  it('names suspect mailboxes with their loss, and agrees to it for one or for all', async () => {
    const suspect = (address: string) =>
      db.database.query(
        `INSERT INTO calendar.mailbox (provider, address, owner, status, synced_at, reread_at, suspect_since, suspect_views, suspect_lost, suspect_of)
         VALUES ('ex', $1, $1, 'suspect', now() - interval '1 hour', now() + interval '5 minutes', now(), 1, ARRAY[gen_random_uuid(), gen_random_uuid()], 3)`,
        [address],
      );
    const [chloe, dmitri, elena] = ['chloe@corp.example', 'dmitri@corp.example', 'elena@corp.example'] as const;
    for (const address of [chloe, dmitri, elena]) await suspect(address);
    const status = (await ctl(['status', '--json'])).json();
    expect(status.suspectMailboxes).toMatchObject([
      { address: chloe, lost: 2, of: 3, views: 1, confirmed: false },
      { address: dmitri },
      { address: elena },
    ]);
    expect((await ctl(['status'])).out.join('\n')).toMatch(/confirm-mailbox.*chloe@corp.example/su);
    expect(await ctl(['confirm-mailbox'])).toMatchObject({ code: 64 });
    expect((await ctl(['confirm-mailbox', 'boris@corp.example'])).out).toEqual(['boris@corp.example is not suspect']);
    expect((await ctl(['confirm-mailbox', 'Chloe@corp.example', '--json'])).json()).toEqual({ confirmed: [chloe] });
    expect((await ctl(['confirm-mailbox', 'all', '--json'])).json()).toEqual({ confirmed: [chloe, dmitri, elena] });
    await db.database.query('DELETE FROM calendar.mailbox WHERE suspect_since IS NOT NULL');
    expect((await ctl(['confirm-mailbox', 'all'])).out).toEqual(['no mailbox is suspect']);
  });

  it('shows accounts that were stopped, and lets them be tried again', async () => {
    const key = { provider: 'mail.corp.example/ews/exchange.asmx', login: 'CORP\\calendar', fingerprint: 'marker' };
    for (let n = 0; n < 3; n++) await countCredentialRefusal(db.database, key, 'ews-auth-refused');
    const status = (await ctl(['status', '--json'])).json();
    expect(status.stoppedAccounts).toEqual([
      { provider: key.provider, login: key.login, failures: 3, stoppedAt: expect.any(String) },
    ]);
    const { out } = await ctl(['status']);
    expect(out.join('\n')).toMatch(/refused by Exchange.*CORP\\calendar/su);
    expect(out.join('\n')).not.toContain('marker');
    expect((await ctl(['retry-sign-in', 'somebody else'])).out).toEqual(['no account was stopped']);
    expect((await ctl(['retry-sign-in', key.login])).out).toEqual([expect.stringContaining('try CORP\\calendar at')]);
    expect((await ctl(['status', '--json'])).json().stoppedAccounts).toEqual([]);
    const permit = '00000000-0000-4000-8000-000000000001';
    const answer = await takeSignInPermit(db.database, key, permit, { seconds: 10, urgent: false });
    expect(answer).toMatchObject({ granted: true, doubtful: true });
  });

  it('does not show the password that an account had before', async () => {
    const old = { provider: 'p', login: 'renewed', fingerprint: 'old' };
    for (let n = 0; n < 3; n++) await countCredentialRefusal(db.database, old, 'ews-auth-refused');
    const renewed = { ...old, fingerprint: 'new' };
    const terms = { seconds: 10, urgent: false };
    const { at } = await takeSignInPermit(db.database, renewed, '00000000-0000-4000-8000-000000000002', terms);
    await countCredentialAcceptance(db.database, renewed, at);
    expect((await ctl(['status', '--json'])).json().stoppedAccounts).toEqual([]);
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['destroy']],
    ['a span that is none', ['starts', '--since', 'yesterday']],
    ['an unknown option', ['status', '--verbose']],
  ])('refuses %s in one line', async (_what, argv) => {
    expect(await ctl(argv)).toMatchObject({
      code: 64,
      out: [],
      err: [expect.stringContaining('see calendarctl --help')],
    });
  });

  it('says in one line that the database does not answer', async () => {
    const away = await writeTestConfig({ ...db.options, host: '127.0.0.1', port: 1 });
    expect(await ctl(['status'], away.path)).toMatchObject({
      code: 1,
      out: [],
      err: [expect.stringContaining('ECONNREFUSED')],
    });
    away.remove();
  });
});
