import { setTimeout as pause } from 'node:timers/promises';
import type { WorkerName, WorkerProcess } from 'stack-driver';
import { processCost } from '../../sync/process-cost.ts';
import { watch } from '../../sync/watched-mailboxes.ts';
import { type Growth, rowOf, type Unit } from '../growth.ts';
import { requireResources } from '../resources.ts';
import type { ScaleOptions } from '../scale-options.ts';
import type { ScaleTable } from '../scale-result.ts';
import { between, postgresCost } from './postgres-cost.ts';
import { type WorkerStack, withWorkerStack } from './worker-stack.ts';

/** Gateways, sync-workers and launchers of each fleet. */
const FLEETS: readonly Readonly<Record<WorkerName, number>>[] = [
  { 'ws-gateway': 1, 'sync-worker': 1, launcher: 1 },
  { 'ws-gateway': 10, 'sync-worker': 10, launcher: 4 },
];
/** Questions that workers have at their start are asked by then. */
const SETTLED_MS = 20_000;
const PREFIX = 'fleet-';
const GROUP = 200;

interface Figures {
  readonly statements: number;
  readonly commits: number;
  readonly postgresMs: number;
  readonly workersMs: number;
  readonly connections: number;
  readonly memoryMib: Readonly<Record<WorkerName, number>>;
}

/** Workers that have nothing to do, by their number; as many mailboxes as `--mailboxes` names last. */
export async function measureFleetTable(options: ScaleOptions): Promise<ScaleTable> {
  const mailboxes = options.mailboxes.at(-1)!;
  const sizes = FLEETS.map((fleet) => Object.values(fleet).reduce((sum, count) => sum + count, 0));
  const figures: Figures[] = [];
  for (const [place, fleet] of FLEETS.entries()) {
    await requireResources(`fleet of ${sizes[place]}`, { memoryMib: 800 + sizes[place]! * 200, diskMib: 500 });
    const tell = (text: string) => options.tell(`fleet of ${sizes[place]}: ${text}`);
    figures.push(await withWorkerStack((workers) => measureFleet(workers, fleet, mailboxes, options.seconds, tell)));
  }
  const row = (what: string, unit: Unit, growth: Growth, value: (one: Figures) => number) =>
    rowOf(what, unit, growth, sizes, figures.map(value));
  return {
    name: 'fleet',
    title: `Idle fleets of 1 + 1 + 1 and 10 + 10 + 4 (gateways, sync-workers, launchers), ${mailboxes.toLocaleString('en-US')} mailboxes; per second`,
    of: 'workers',
    sizes,
    rows: [
      row('statements', 'statements', 'workers', ({ statements }) => statements),
      row('commits', 'count', 'any', ({ commits }) => commits),
      row('Postgres', 'CPU ms', 'workers', ({ postgresMs }) => postgresMs),
      row('all workers', 'CPU ms', 'workers', ({ workersMs }) => workersMs),
      row('connections', 'connections', 'workers', ({ connections }) => connections),
      ...(Object.keys(FLEETS[0]!) as WorkerName[]).map((name) =>
        row(`memory of a ${name}`, 'MiB', 'flat', ({ memoryMib }) => memoryMib[name]),
      ),
    ],
  };
}

async function measureFleet(
  workers: WorkerStack,
  fleet: Readonly<Record<WorkerName, number>>,
  mailboxes: number,
  seconds: number,
  tell: (text: string) => void,
): Promise<Figures> {
  const provider = await providerOf(workers, tell);
  await workers.fill('fill-mailboxes', [provider, PREFIX, mailboxes, GROUP]);
  // Otherwise the sync-workers would ask Exchange who all of these people are.
  await workers.fill('fill-directory', [provider]);
  await workers.database.query('ANALYZE calendar.mailbox');
  const { rows } = await workers.database.query<{ address: string }>(
    'SELECT address FROM calendar.mailbox WHERE address LIKE $1 ORDER BY mailbox_id',
    [`${PREFIX}%`],
  );
  const config = await workers.config('fleet', (draft) =>
    calm(
      draft,
      rows.map(({ address }) => address),
    ),
  );
  tell('starts the workers');
  const started = new Map<WorkerName, WorkerProcess[]>();
  for (const [name, count] of Object.entries(fleet) as [WorkerName, number][]) {
    started.set(name, await workers.start(name, config, count));
  }
  await pause(SETTLED_MS);
  tell(`${seconds} s`);
  const all = [...started.values()].flat();
  const cpu = async () => Promise.all(all.map(async ({ pid }) => (await processCost(pid)).cpuMs));
  const [before, cpuBefore, began] = [await read(workers), await cpu(), performance.now()];
  await pause(seconds * 1_000);
  const [cost, cpuAfter] = [between(before, await read(workers)), await cpu()];
  const elapsed = (performance.now() - began) / 1_000;
  const memory = async ([name, ones]: [WorkerName, WorkerProcess[]]) => {
    const costs = await Promise.all(ones.map(({ pid }) => processCost(pid)));
    return [name, costs.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / ones.length / 2 ** 20] as const;
  };
  return {
    statements: cost.statements / elapsed,
    commits: cost.commits / elapsed,
    postgresMs: cost.cpuMs / elapsed,
    workersMs: cpuAfter.reduce((sum, one, place) => sum + one - cpuBefore[place]!, 0) / elapsed,
    connections: await connections(workers),
    memoryMib: Object.fromEntries(await Promise.all([...started].map(memory))) as Record<WorkerName, number>,
  };
}

function read({ database, postmaster }: WorkerStack) {
  return postgresCost(database, postmaster);
}

/** Nothing is streamed, polled or asked in Exchange while they are watched. */
function calm(draft: Parameters<typeof watch>[0], mailboxes: readonly string[]): void {
  watch(draft, mailboxes, { connections: 8, requestsPerSecond: 20 }, { pollSeconds: 86_400 });
  const [provider] = draft.calendarProviders;
  provider!.streaming = { enabled: false };
  provider!.autodiscover = { enabled: false };
}

/** The name under which a sync-worker keeps the mailboxes of the stack's Exchange server. */
async function providerOf(workers: WorkerStack, tell: (text: string) => void): Promise<string> {
  tell('asks a sync-worker for its provider');
  const [worker] = await workers.start('sync-worker', await workers.config('provider', () => undefined));
  const { rows } = await workers.database.query<{ provider: string }>('SELECT provider FROM calendar.mailbox LIMIT 1');
  await worker!.stop();
  await workers.database.query('TRUNCATE calendar.mailbox, calendar.directory_entry, calendar.worker CASCADE');
  if (rows[0] === undefined) throw new Error('the sync-worker registered no mailbox');
  return rows[0].provider;
}

async function connections({ database }: WorkerStack): Promise<number> {
  const { rows } = await database.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM pg_stat_activity
     WHERE datname = current_database() AND application_name <> 'bench'`,
  );
  return rows[0]!.open;
}
