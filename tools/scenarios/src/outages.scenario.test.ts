import { SwallowingProxy } from 'calendar-db/testing';
import { until } from 'stack-driver';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { proveConferencesOnce, proveNothingLost } from './proof/prove-all.ts';
import { ChangeStream } from './story/change-stream.ts';
import { crashPostgres } from './story/crash-postgres.ts';
import { World } from './story/world.ts';

const NOTICE_MS = 60_000;

describe('outages during a stream of changes, with all workers left running', () => {
  let world: World;
  let proxy: SwallowingProxy;
  let stream: ChangeStream;
  let streaming: Promise<void>;
  let outagesOver = false;
  let failed = true;

  beforeAll(async () => {
    world = await World.start(async ({ addresses }) => {
      proxy = await SwallowingProxy.start({ host: '127.0.0.1', port: Number(new URL(addresses.database).port) });
      return {
        count: { 'sync-worker': 1, 'ws-gateway': 1, launcher: 1 },
        changeGateways: (config) => Object.assign(config.dbConnectionConfig, { host: proxy.host, port: proxy.port }),
      };
    });
    stream = new ChangeStream(world.stack.addresses.ews, world.exchange);
    streaming = stream.run(30, 100, () => outagesOver);
    streaming.catch(() => undefined);
  });

  afterAll(async () => {
    await world?.end({ keepLogs: failed });
    await proxy?.close();
  });

  it('Postgres crashes: all workers are ready again when it is', async () => {
    await crashPostgres(world.database);
    await allReady();
  });

  it('the link between gateway and database falls silent: the gateway says so, and recovers on new connections', async () => {
    const [gateway] = world.fleet.of('ws-gateway');
    proxy.swallow();
    await until('the gateway is unready', async () => ((await gateway!.isReady()) ? undefined : true), {
      patienceMs: NOTICE_MS,
    });
    proxy.forward();
    await allReady();
  });

  it('Exchange answers 503: syncs fail, and are taken up again', async () => {
    await world.exchange.disturb({
      operation: ['SyncFolderItems', 'FindItem', 'GetItem'],
      times: null,
      action: { form: 'http', status: 503 },
    });
    await until('syncs fail', () => there('SELECT FROM calendar.mailbox WHERE error_code IS NOT NULL'), {
      patienceMs: NOTICE_MS,
    });
    await world.exchange.calm();
  });

  it('TrueConf Server is gone when conferences are due', async () => {
    await world.trueconf.setOnline(false);
    const overdue =
      "SELECT FROM calendar.conference WHERE state = 'ready' AND open_at < clock_timestamp() - interval '2 s'";
    await until('a conference is overdue', () => there(overdue), { patienceMs: NOTICE_MS });
    await world.trueconf.setOnline(true);
    outagesOver = true;
  });

  it('lost nothing', async () => {
    await streaming;
    await until('the last meeting begins', () => (Date.now() > stream.lastStartMs ? true : undefined), {
      patienceMs: NOTICE_MS,
    });
    await proveNothingLost(world, stream);
    await proveConferencesOnce(world, stream);
    failed = false;
  });

  async function allReady(): Promise<void> {
    await Promise.all(world.fleet.workers.map((worker) => worker.ready()));
  }

  async function there(query: string): Promise<true | undefined> {
    return ((await world.database.query(query)).rowCount ?? 0) > 0 ? true : undefined;
  }
});
