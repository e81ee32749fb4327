import { notifyWorkers } from 'calendar-db/notifications';
import { migrate } from 'calendar-db/schema';
import { createTestDatabase, SwallowingProxy, type TestDatabase } from 'calendar-db/testing';
import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { FatalError } from './fatal-error.ts';
import type { Service } from './service.ts';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from './testing/index.ts';
import type { StartedWorker, WorkerContext, WorkerDefinition } from './worker-definition.ts';

/** A service that waits until it is stopped; its calls are kept. */
function idleService({ running }: WorkerContext, calls: string[] = []): Service {
  const loop = running.child('idle');
  return {
    id: 'idle',
    run: () => loop.sleep(Number.POSITIVE_INFINITY),
    stop: () => {
      calls.push('stop');
      loop.stop();
    },
    drain: async () => void calls.push('drain'),
  };
}

/** What a start returns whose parts have nothing to prepare for a reload. */
function started(...services: readonly Service[]): StartedWorker {
  return { services, prepareReload: () => () => undefined };
}

const launcher: WorkerDefinition = {
  kind: 'launcher',
  sections: ['conferences', 'launchConference'],
  start: async (context) => started(idleService(context)),
};

describe('a worker', () => {
  let db: TestDatabase;
  let config: TestConfig;
  const cleanUp: (() => unknown)[] = [];
  const run = (definition: WorkerDefinition, given = config, options = {}): TestWorker => {
    const worker = startTestWorker(definition, given, options);
    cleanUp.push(() => worker.stop().catch(() => undefined));
    return worker;
  };

  /** A proxy in front of the database, and a config that leads through it. */
  const behindProxy = async () => {
    const proxy = await SwallowingProxy.start(db.options);
    const away = await writeTestConfig({ ...db.options, host: proxy.host, port: proxy.port });
    cleanUp.push(
      () => away.remove(),
      () => proxy.close(),
    );
    return { proxy, away };
  };

  beforeAll(async () => {
    db = await createTestDatabase();
    config = await writeTestConfig(db.options);
  });
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step();
    // Who could not reach the database at its end left its entry, which would count as alive for a while.
    await db.database.query('DELETE FROM calendar.worker');
  });
  afterAll(async () => {
    config.remove();
    await db.drop();
  });

  it('starts, tells that it is ready, registers, and leaves nothing behind', async () => {
    const calls: string[] = [];
    const worker = run({ ...launcher, start: async (context) => started(idleService(context, calls)) });
    await worker.log.waitFor('worker.ready');
    const ready = await fetch(worker.opsUrl('/readyz'));
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      state: 'ok',
      checks: {
        database: { state: 'ok' },
        listen: { state: 'ok' },
        triggers: { state: 'ok' },
        agreement: { state: 'ok' },
      },
    });
    await expect
      .poll(() => registered(db.database))
      .toMatchObject([{ kind: 'launcher', ops: worker.opsUrl('').slice(7) }]);

    expect(await worker.stop()).toBe(true);
    expect(calls).toEqual(['drain', 'stop']);
    expect(await registered(db.database)).toEqual([]);
    expect(worker.log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('waits for a database that is down at its start, outlives its loss and recovers', async () => {
    const { proxy, away } = await behindProxy();
    proxy.refuse();
    const worker = run(launcher, away);
    await worker.log.waitFor('loop.failed');
    await worker.log.waitFor('ops.listening');
    expect((await fetch(worker.opsUrl('/readyz'))).status).toBe(503);

    proxy.forward();
    await worker.log.waitFor('worker.ready');

    proxy.refuse();
    await worker.log.waitFor('worker.unready');
    expect(await (await fetch(worker.opsUrl('/healthz'))).text()).toBe('not ready\n');

    proxy.forward();
    await expect.poll(() => worker.context.health.report().state, { timeout: 15_000 }).toBe('ok');
    expect(await worker.stop()).toBe(true);
  });

  it('does not take silence for health: unready when the database says nothing any more, and gone in time', async () => {
    const { proxy, away } = await behindProxy();
    const worker = run(launcher, away);
    await worker.log.waitFor('worker.ready');
    proxy.swallow();
    const database = () => worker.context.health.report().checks.database?.detail;
    await expect.poll(database, { timeout: 10_000 }).toMatch(/^not checked for/u);
    expect(await worker.stop()).toBe(true);
  });

  it('waits unready for its schema and names the command, then starts by itself', async () => {
    const server = inject('calendarTestServer');
    const name = `${db.options.database}_bare`;
    const admin = new SqlDatabase({ ...server, poolSize: 1 });
    await admin.query(`CREATE DATABASE ${name}`);
    const bare = await writeTestConfig({ ...server, database: name });
    cleanUp.push(
      () => admin.close(),
      () => admin.query(`DROP DATABASE ${name} WITH (FORCE)`),
      () => bare.remove(),
    );
    const worker = run(launcher, bare);
    expect(await worker.log.waitFor('schema.missing')).toMatchObject({
      message: expect.stringContaining('calendarctl migrate'),
    });
    expect(worker.context.health.report().checks.schema).toMatchObject({ state: 'unready' });
    await migrate({ ...server, database: name });
    await worker.log.waitFor('worker.ready');
    await worker.stop();
  });

  it('leaves a schema that a newer build broke, also when that happens while it runs', async () => {
    const worker = run(launcher);
    await worker.log.waitFor('worker.ready');
    await db.database.query("INSERT INTO calendar.schema_version (version, name) VALUES (9999, 'from the future')");
    await db.database.query('UPDATE calendar.meta SET breaking_version = 9999');
    cleanUp.push(async () => {
      await db.database.query('DELETE FROM calendar.schema_version WHERE version = 9999');
      await db.database.query('UPDATE calendar.meta SET breaking_version = 1');
    });
    await notifyWorkers(db.database, { breaking: 9999 });
    const end = await worker.ended.catch((error: unknown) => error);
    expect(end).toBeInstanceOf(FatalError);
    expect(end).toMatchObject({ exitCode: 57, code: 'schema-newer' });
  });

  it('waits while the functions in the database are those of another build', async () => {
    await db.database.query("UPDATE calendar.function_set SET digest = 'another ' || digest");
    const restore = () =>
      db.database.query("UPDATE calendar.function_set SET digest = replace(digest, 'another ', '')");
    cleanUp.push(restore);
    const worker = run(launcher);
    expect(await worker.log.waitFor('schema.missing')).toMatchObject({
      message: expect.stringContaining(
        'functions in the database are those of another build; run "calendarctl migrate"',
      ),
    });
    await restore();
    await worker.log.waitFor('worker.ready');
    await worker.stop();
  });

  it('is unready while a trigger is missing, for then it hears nothing', async () => {
    const worker = run(launcher);
    await worker.log.waitFor('worker.ready');
    const { rows } = await db.database.query<{ definition: string }>(
      "SELECT pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE tgname = 'event_updated'",
    );
    const restore = () => db.database.query(rows[0]?.definition.replace('CREATE', 'CREATE OR REPLACE') ?? '');
    cleanUp.push(restore);
    await db.database.query('DROP TRIGGER event_updated ON calendar.event');
    const triggers = () => worker.context.health.report().checks.triggers?.detail;
    await expect.poll(triggers, { timeout: 10_000 }).toContain('event_updated is missing');
    expect((await fetch(worker.opsUrl('/readyz'))).status).toBe(503);
    await restore();
    await expect.poll(() => worker.context.health.report().state).toBe('ok');
  });

  it('says when another worker of its kind has another config or key', async () => {
    const other = await writeTestConfig(db.options, { launchConference: false });
    cleanUp.push(() => other.remove());
    const first = run(launcher);
    const second = run(launcher, other, { instance: 1 });
    const agreement = () => first.context.health.report().checks.agreement;
    await expect
      .poll(agreement)
      .toMatchObject({ state: 'degraded', detail: expect.stringContaining('launchConference of launcher 1') });
    expect(agreement()?.detail).toContain('key file of launcher 1');
    await second.stop();
    await expect.poll(agreement).toMatchObject({ state: 'ok' });
  });

  it('takes over what can change when asked to, says what cannot, and refuses a broken config', async () => {
    const given = await writeTestConfig(db.options);
    cleanUp.push(() => given.remove());
    const commit = vi.fn();
    const start = async (context: WorkerContext) => ({
      services: [idleService(context)],
      prepareReload: () => commit,
    });
    const worker = run({ ...launcher, start }, given);
    await worker.log.waitFor('worker.ready');
    const port = worker.context.config.wsPort;

    given.write({ launchConference: false, wsPort: port + 1 });
    await notifyWorkers(db.database, { reload: 'launcher' });
    const entry = await worker.log.waitFor('config.reloaded');
    expect(entry.message).toContain('changed now: launchConference');
    expect(entry.message).toContain('wsPort');
    expect(commit).toHaveBeenCalledOnce();
    expect(worker.context.config).toMatchObject({ launchConference: false, wsPort: port });

    given.write({ launchConference: 'perhaps' });
    await worker.worker.reload();
    expect(await worker.log.waitFor('config.refused')).toMatchObject({
      message: expect.stringContaining('launchConference'),
    });
    expect(worker.context.config.launchConference).toBe(false);
    expect(worker.context.health.report()).toMatchObject({ ready: true, checks: { config: { state: 'degraded' } } });
  });

  it('drops what it holds when the time for handing back is over', async () => {
    const dropped: string[] = [];
    const worker = run(
      {
        ...launcher,
        start: async (context) =>
          started({
            ...idleService(context),
            drain: () =>
              new Promise<void>((resolve) => {
                context.running.aborting.addEventListener('abort', () => {
                  dropped.push('dropped');
                  resolve();
                });
              }),
          }),
      },
      config,
      { timings: { drainMs: 100 } },
    );
    await worker.log.waitFor('worker.ready');
    expect(await worker.stop()).toBe(false);
    expect(dropped).toEqual(['dropped']);
    expect(await registered(db.database)).toEqual([]);
  });

  it('starts a failed service again and gives up when it fails on and on', async () => {
    let runs = 0;
    const broken: Service = {
      id: 'broken',
      run: async () => {
        runs++;
        throw new Error('out of order');
      },
      stop: () => undefined,
    };
    const worker = run({ ...launcher, start: async () => started(broken) }, config, { timings: { restartMs: 1 } });
    const end = await worker.ended.catch((error: unknown) => error);
    expect(end).toMatchObject({ exitCode: 70, code: 'crash-loop' });
    expect(runs).toBe(5);
  });

  it('shows on /ops what its parts tell, and survives a part that cannot', async () => {
    const worker = run(launcher);
    await worker.log.waitFor('worker.ready');
    worker.context.ops.add('plans', () => ({ due: 3 }));
    worker.context.ops.add('broken', () => {
      throw new Error('no idea');
    });
    const facts = await (await fetch(worker.opsUrl('/ops'))).json();
    expect(facts).toMatchObject({
      kind: 'launcher',
      instance: 0,
      plans: { due: 3 },
      broken: { unavailable: 'no idea' },
    });
  });
});

async function registered(database: SqlDatabase): Promise<object[]> {
  const { rows } = await database.query('SELECT kind, ops_address AS ops FROM calendar.worker');
  return rows;
}
