import { SqlDatabase } from 'calendar-db/testing/sql-database';
import type { JournalEntry } from 'exchange-simulator';
import { encryptPassword, loadKey, locateKeyFile } from 'secrets';
import {
  databaseOptions,
  freePorts,
  LocalStack,
  until,
  type WorkerConfig,
  WorkerProcess,
  writeWorkerConfig,
} from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const WORKERS = 4;
const ACCOUNT = 'calendar';
const PATIENCE = { patienceMs: 90_000 };

describe('four sync-workers and a wrong password', () => {
  let stack: LocalStack;
  let database: SqlDatabase;
  let workers: WorkerProcess[] = [];
  let opsPort: number;
  let failed = true;

  beforeAll(async () => {
    stack = await LocalStack.start();
    database = new SqlDatabase(databaseOptions(stack.addresses.database, 'scenario'));
    opsPort = await freePorts(WORKERS);
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await database?.close();
    await stack?.stop({ keepLogs: failed });
  });

  it.each([
    ['Basic realm="x"', 'basic'],
    ['NTLM', 'ntlm'],
  ])(
    'with %s: three attempts in all, a killed worker included, and three when it turns wrong under full load; it is not locked',
    async (offer, form) => {
      await exchange('PATCH', '/settings', { authOffers: [offer], lockoutThreshold: 4 });
      await exchange('PATCH', `/accounts/${ACCOUNT}`, { password: `right for ${form}`, locked: false });
      const before = (await journal()).at(-1)?.sequence ?? 0;
      const config = await configWith(`wrong for ${form}`);
      const place = { name: 'sync-worker', config, opsPort, logs: stack.addresses.logs } as const;
      workers = Array.from({ length: WORKERS }, (_, instance) => new WorkerProcess({ ...place, instance }));
      await Promise.all(workers.map(knowsOfTheStop));
      await workers[0]!.kill();
      workers[0]!.restart();
      await knowsOfTheStop(workers[0]!);
      expect(await refusedSince(before)).toEqual([form, form, form]);
      await isOpenAfter(3);
      await configWith(`right for ${form}`);
      await database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp(), synced_at = NULL');
      for (const worker of workers) process.kill(worker.pid, 'SIGHUP');
      const unsynced = 'SELECT FROM calendar.mailbox WHERE synced_at IS NULL';
      const all = async () => ((await database.query(unsynced)).rows.length === 0 ? true : undefined);
      await until('every mailbox is read with the corrected password', all, PATIENCE);
      const worked = (await journal()).at(-1)?.sequence ?? 0;
      // All mailboxes are due and, as after a restart of Exchange, all connections begin anew.
      await database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp()');
      await exchange('PATCH', `/accounts/${ACCOUNT}`, { password: `changed for ${form}` });
      await exchange('POST', '/restart', {});
      await Promise.all(workers.map(knowsOfTheStop));
      expect(await refusedSince(worked)).toEqual([form, form, form]);
      await isOpenAfter(3);
      await Promise.all(workers.map((worker) => worker.stop()));
      failed = form !== 'ntlm';
    },
  );

  async function exchange(method: string, path: string, body?: unknown): Promise<unknown> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await fetch(stack.addresses.exchangeControl + path, { method, ...content });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  async function journal(): Promise<JournalEntry[]> {
    return (await exchange('GET', '/journal')) as JournalEntry[];
  }

  async function refusedSince(sequence: number): Promise<string[]> {
    const attempts = (await journal()).filter((entry) => entry.sequence > sequence && entry.login === 'refused');
    return attempts.map(({ authForm }) => authForm);
  }

  async function isOpenAfter(badPasswords: number): Promise<void> {
    const accounts = (await exchange('GET', '/accounts')) as { login: string }[];
    expect(accounts).toContainEqual(expect.objectContaining({ login: ACCOUNT, badPasswords, locked: false }));
  }

  async function configWith(password: string): Promise<string> {
    const { config: stackConfig } = stack.addresses;
    const { key } = loadKey(locateKeyFile({ configPath: stackConfig, env: process.env }).path);
    return writeWorkerConfig(stackConfig, 'workers', (config: WorkerConfig) => {
      config.ops.ports.syncWorker = opsPort;
      const [provider] = config.calendarProviders as { credentials: { password: string }[] }[];
      provider!.credentials[0]!.password = encryptPassword(password, key);
    });
  }

  async function knowsOfTheStop({ place: { instance } }: WorkerProcess): Promise<void> {
    const isStopped = async () => {
      const reply = await fetch(`http://127.0.0.1:${opsPort + instance}/ops`);
      return (await reply.text()).includes('"stopped": true') ? true : undefined;
    };
    await until(`worker ${instance} leaves the account alone (logs: ${stack.addresses.logs})`, isStopped, PATIENCE);
  }
});
