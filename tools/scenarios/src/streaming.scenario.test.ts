import { SqlDatabase } from 'calendar-db/testing/sql-database';
import {
  addressOf,
  CalendarWriter,
  databaseOptions,
  ExchangeControl,
  fillCompileCache,
  freePorts,
  LocalStack,
  PEOPLE,
  until,
  WorkerProcess,
  writeWorkerConfig,
} from 'stack-driver';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';

const MOST_WORKERS = 4;
/** Silence after which a stream counts as broken, seconds. */
const SILENCE = 3;
const NOTICE_MS = 60_000;

/** Only streams bring changes here: no poll comes while anybody watches. */
describe('streams as the only news, under sync-workers that come, go and are killed', () => {
  let stack: LocalStack;
  let exchange: ExchangeControl;
  let database: SqlDatabase;
  let config: string;
  let opsPort: number;
  let meetings = 0;
  let failed = false;
  const workers: WorkerProcess[] = [];
  const writer = () => new CalendarWriter(stack.addresses.ews, 'anna');

  beforeAll(async () => {
    stack = await LocalStack.start();
    exchange = new ExchangeControl(stack.addresses.exchangeControl);
    database = new SqlDatabase(databaseOptions(stack.addresses.database, 'scenario'));
    opsPort = await freePorts(MOST_WORKERS + 2);
    config = await writeWorkerConfig(stack.addresses.config, 'streaming', (changed) => {
      changed.ops.ports = {
        syncWorker: opsPort,
        wsGateway: opsPort + MOST_WORKERS,
        launcher: opsPort + MOST_WORKERS + 1,
      };
      changed.sync = { pollSeconds: 3_600, streamedPollSeconds: 3_600, groupSize: 1 };
      Object.assign(changed.calendarProviders[0]!, {
        users: PEOPLE.map(addressOf),
        // Enough for all, however the groups fall to the workers.
        limits: { streams: 4 * PEOPLE.length },
        streaming: { silenceSeconds: SILENCE },
      });
    });
    await exchange.beatEvery((SILENCE * 1000) / 6);
    await fillCompileCache(['sync-worker'], stack.addresses.logs);
    await Promise.all([addWorker(), addWorker()]);
    await untilAllAreTold();
  });

  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed = true;
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await database?.close();
    await stack?.stop({ keepLogs: failed });
  });

  it('bring a meeting into all calendars', async () => {
    await untilCached(await meet());
  });

  it('bring what was saved after they were cut, closed or ended', async () => {
    for (const how of ['cut', 'closed', 'end'] as const) {
      await exchange.dropStreams(how);
      await untilCached(await meet());
      await untilAllAreTold();
    }
  });

  it('bring what was saved while they were silent in the middle of an envelope', async () => {
    await exchange.silenceStreams();
    await untilCached(await meet());
  });

  it('bring what was saved after Exchange forgot all subscriptions', async () => {
    await untilAllAreTold();
    await exchange.loseSubscriptions();
    await untilCached(await meet());
    await untilAllAreTold();
  });

  it('are taken over by the others from a worker that is killed', async () => {
    const [killed] = workers;
    await killed?.kill();
    const subject = await meet();
    const since = performance.now();
    await untilAllAreTold();
    await untilCached(subject);
    console.log(`streams of a killed worker taken over after ${Math.round(performance.now() - since)} ms`);
  });

  it('are shared with a worker that joins, and each mailbox is told of by one', async () => {
    workers[0]?.restart();
    await workers[0]?.ready();
    await addWorker();
    const since = performance.now();
    await untilAllAreTold();
    console.log(`streams shared with a worker that joined after ${Math.round(performance.now() - since)} ms`);
    await untilCached(await meet());
  });

  it('are given back by a worker that is told to stop', async () => {
    const leaving = workers.pop();
    await leaving?.stop();
    await untilAllAreTold();
    await untilCached(await meet());
    // Those that the killed one left behind end by themselves, in their own time.
    const orphans = (await exchange.subscriptions()).filter(({ streaming }) => !streaming).length;
    await Promise.all(workers.map((worker) => worker.stop()));
    await until('all others are unsubscribed', async () =>
      (await exchange.subscriptions()).length <= orphans ? true : undefined,
    );
  });

  async function addWorker(): Promise<void> {
    const place = {
      name: 'sync-worker',
      instance: workers.length,
      config,
      opsPort,
      logs: stack.addresses.logs,
    } as const;
    const worker = new WorkerProcess(place);
    workers.push(worker);
    await worker.ready();
  }

  /** Anna invites everybody. @returns the subject */
  async function meet(): Promise<string> {
    const subject = `Meeting ${++meetings}`;
    const start = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + meetings * 3_600_000);
    const attendees = PEOPLE.slice(1).map(addressOf);
    await writer().create({ subject, start, end: new Date(start.getTime() + 1_800_000), attendees });
    return subject;
  }

  /** Waits until everybody's calendar in the cache has it. @throws NotInTimeError */
  async function untilCached(subject: string): Promise<void> {
    await until(
      `${subject} is cached for all`,
      async () => {
        const { rows } = await database.query<{ n: number }>(
          "SELECT count(*)::integer AS n FROM calendar.event WHERE subject LIKE '%' || $1",
          [subject],
        );
        if (rows[0]?.n === PEOPLE.length) return true;
        throw new Error(`${rows[0]?.n} of ${PEOPLE.length}`);
      },
      { patienceMs: NOTICE_MS },
    );
  }

  /** Waits until a stream tells of every mailbox, and one only. @throws NotInTimeError */
  async function untilAllAreTold(): Promise<void> {
    await until(
      'one stream tells of each mailbox',
      async () => {
        const told = (await exchange.subscriptions())
          .filter(({ streaming }) => streaming)
          .map(({ mailbox }) => mailbox);
        if (told.length === PEOPLE.length && new Set(told).size === told.length) return true;
        throw new Error(`told of: ${told.sort().join(' ')}`);
      },
      { patienceMs: NOTICE_MS, everyMs: 100 },
    );
  }
});
