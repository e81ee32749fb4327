import { setTimeout as pause } from 'node:timers/promises';
import { ExchangeControl, until, type WorkerProcess } from 'stack-driver';
import { processCost } from '../../sync/process-cost.ts';
import { watch } from '../../sync/watched-mailboxes.ts';
import { type Growth, rowOf, type ScaleRow, type Unit } from '../growth.ts';
import { requireResources } from '../resources.ts';
import type { ScaleOptions } from '../scale-options.ts';
import type { ScaleTable } from '../scale-result.ts';
import { between, postgresCost } from './postgres-cost.ts';
import { changeableItems, changeItem, makeCalendars, OCCURRENCES, PEOPLE } from './sync-calendars.ts';
import { type WorkerStack, withWorkerStack } from './worker-stack.ts';

const POLL_SECONDS = 60;
const NEVER_SECONDS = 3_600;
const PER_STREAM = 150;
const MOST_CHANGED = 500;
const QUIET_MS = 5_000;
/** How the bench itself changes a meeting. */
const OF_THE_BENCH = 'UpdateItem';
const patient = (mailboxes: number) => ({ patienceMs: 120_000 + mailboxes * 150, everyMs: 1_000 });

/** What one sync-worker did in a span of time. */
interface Span {
  readonly workerMs: number;
  readonly postgresMs: number;
  readonly statements: number;
  readonly requests: number;
  readonly rssMib: number;
  readonly minutes: number;
}

interface Figures {
  readonly first: Span;
  readonly databaseMib: number;
  readonly streams: Span;
  readonly changes: Span & { readonly made: number; readonly arrived: number };
  readonly polls: Span;
}

/** One sync-worker, by the number of its mailboxes: the first sync, a minute without changes, a minute with changes. */
export async function measureSyncTable(options: ScaleOptions): Promise<ScaleTable> {
  const sizes = options.mailboxes;
  const figures: Figures[] = [];
  for (const size of sizes) {
    await requireResources(`sync at ${size}`, { memoryMib: 1_200 + size * 0.25, diskMib: 400 + size * 0.1 });
    const tell = (text: string) => options.tell(`sync at ${size}: ${text}`);
    figures.push(await withWorkerStack((workers) => measureAt(workers, size, options, tell)));
  }
  return {
    name: 'sync',
    title: `One sync-worker, ${OCCURRENCES} occurrences a mailbox; per minute, the first sync as a whole`,
    of: 'mailboxes',
    sizes,
    rows: rowsOf(sizes, figures),
  };
}

async function measureAt(
  workers: WorkerStack,
  size: number,
  { seconds, changes }: ScaleOptions,
  tell: (text: string) => void,
): Promise<Figures> {
  const exchange = new ExchangeControl(workers.stack.addresses.exchangeControl);
  tell('makes calendars');
  const mailboxes = await makeCalendars(exchange, size);
  const streams = Math.ceil(size / PER_STREAM) + 2;
  // Streams have a limit of their own per account.
  await exchange.set({ streaming: { connectionsPerAccount: streams } });
  const limits = { connections: 16, requestsPerSecond: 1_000, streams };
  const config = (streaming: boolean) =>
    workers.config(streaming ? 'streams' : 'polls', (draft) => {
      // Streams take over after the first sync, however long that is: no poll is to be counted with it.
      watch(draft, mailboxes, limits, { pollSeconds: streaming ? NEVER_SECONDS : POLL_SECONDS });
      draft.calendarProviders[0]!.streaming = { enabled: streaming };
    });
  const probe = new Probe(workers, exchange);

  tell('first sync');
  await exchange.forgetJournal();
  const before = await probe.postgres();
  const [first] = await workers.start('sync-worker', await config(true));
  await untilCached(workers, size);
  const firstSync = await probe.since(first!, { workerMs: 0, ...before }, performance.now() - 60_000);

  tell('waits for streams');
  await untilStreamed(exchange, size);
  await untilQuiet(exchange, size);
  tell(`${seconds} s without changes, by streams`);
  const idle = await probe.during(first!, () => pause(seconds * 1_000));

  tell(`${seconds} s with ${changes} changed copies a minute, by streams`);
  const items = await changeableItems(exchange, mailboxes.slice(0, Math.min(size, MOST_CHANGED)));
  let made = 0;
  const changed = await probe.during(first!, async () => {
    made = await changeAll(workers.stack.addresses.ews, items, changes / PEOPLE, seconds);
    await untilQuiet(exchange, size);
  });
  const arrived = (await countArrived(workers)) / Math.min(made, items.length) / PEOPLE;
  const { rows } = await workers.database.query<{ mib: number }>(
    'SELECT pg_database_size(current_database())::float8 / 1048576 AS mib',
  );
  await first!.stop();

  tell(`${seconds} s without changes, by polls`);
  await exchange.forgetJournal();
  const [second] = await workers.start('sync-worker', await config(false));
  await untilPolled(exchange, size);
  const polls = await probe.during(second!, () => pause(seconds * 1_000));
  await second!.stop();
  return { first: firstSync, databaseMib: rows[0]!.mib, streams: idle, changes: { ...changed, made, arrived }, polls };
}

/** Reads what worker, Postgres and Exchange have done. */
class Probe {
  readonly #workers: WorkerStack;
  readonly #exchange: ExchangeControl;

  constructor(workers: WorkerStack, exchange: ExchangeControl) {
    this.#workers = workers;
    this.#exchange = exchange;
  }

  postgres() {
    return postgresCost(this.#workers.database, this.#workers.postmaster);
  }

  async during(worker: WorkerProcess, work: () => Promise<unknown>): Promise<Span> {
    await this.#exchange.forgetJournal();
    const began = performance.now();
    const before = { workerMs: (await processCost(worker.pid)).cpuMs, ...(await this.postgres()) };
    await work();
    return this.since(worker, before, began);
  }

  async since(
    worker: WorkerProcess,
    before: { readonly workerMs: number } & Awaited<ReturnType<typeof postgresCost>>,
    began: number,
  ): Promise<Span> {
    const [worked, postgres] = [await processCost(worker.pid), between(before, await this.postgres())];
    return {
      workerMs: worked.cpuMs - before.workerMs,
      postgresMs: postgres.cpuMs,
      statements: postgres.statements,
      requests: (await this.#exchange.journal()).filter(({ operation }) => operation !== OF_THE_BENCH).length,
      rssMib: worked.memoryBytes / 2 ** 20,
      minutes: (performance.now() - began) / 60_000,
    };
  }
}

export async function untilCached({ database }: WorkerStack, size: number): Promise<void> {
  const count = 'SELECT count(*)::int AS n FROM calendar.mailbox WHERE cached_at IS NOT NULL';
  const isDone = async () => {
    const n = (await database.query<{ n: number }>(count)).rows[0]?.n;
    if (n !== size) throw new Error(`${n} of ${size}`);
    return true;
  };
  await until(`${size} mailboxes are read`, isDone, patient(size));
}

export async function untilStreamed(exchange: ExchangeControl, size: number): Promise<void> {
  const isDone = async () => {
    const streamed = (await exchange.subscriptions()).filter(({ streaming }) => streaming);
    const { size: n } = new Set(streamed.map(({ mailbox }) => mailbox));
    if (n < size) throw new Error(`${n} of ${size}`);
    return true;
  };
  await until(`streams tell of ${size} mailboxes`, isDone, patient(size));
}

/** What follows from streams, changes and new names is over when no request has come for some seconds. */
async function untilQuiet(exchange: ExchangeControl, size: number): Promise<void> {
  let last = 0;
  let lastAt = Date.now();
  const isDone = async () => {
    const [entry] = (await exchange.journal(last)).slice(-1);
    if (entry !== undefined) [last, lastAt] = [entry.sequence, entry.at];
    return Date.now() - lastAt > QUIET_MS ? true : undefined;
  };
  await until('Exchange is asked nothing more', isDone, patient(size));
}

async function untilPolled(exchange: ExchangeControl, size: number): Promise<void> {
  const isDone = async () => {
    const polled = (await exchange.journal()).filter(({ operation }) => operation === 'SyncFolderItems');
    return new Set(polled.map(({ mailbox }) => mailbox)).size >= size ? true : undefined;
  };
  await until(`${size} mailboxes are polled`, isDone, patient(size));
}

/** Makes changes one after the other, evenly over the time. @returns how many */
async function changeAll(
  ewsUrl: string,
  items: readonly { readonly mailbox: string; readonly itemId: string }[],
  perMinute: number,
  seconds: number,
): Promise<number> {
  const most = Math.round((perMinute * seconds) / 60);
  const began = performance.now();
  let made = 0;
  for (; made < most; made++) {
    const due = began + (made * 60_000) / perMinute;
    if (performance.now() > began + seconds * 1_000) break;
    if (due > performance.now()) await pause(due - performance.now());
    await changeItem(ewsUrl, items[made % items.length]!, `Room ${made}`);
  }
  return made;
}

/** Copies that show a change. */
async function countArrived({ database }: WorkerStack): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM calendar.event WHERE location LIKE 'Room %'",
  );
  return rows[0]!.n;
}

function rowsOf(sizes: readonly number[], figures: readonly Figures[]): ScaleRow[] {
  const row = (what: string, unit: Unit, growth: Growth, value: (one: Figures) => number) =>
    rowOf(what, unit, growth, sizes, figures.map(value));
  const span = (what: string, of: (one: Figures) => Span, isWhole = false) => {
    const per = (value: (one: Span) => number) => (one: Figures) => value(of(one)) / (isWhole ? 1 : of(one).minutes);
    return [
      row(
        `${what}: sync-worker`,
        'CPU s',
        'mailboxes',
        per(({ workerMs }) => workerMs / 1_000),
      ),
      row(
        `${what}: Postgres`,
        'CPU s',
        'mailboxes',
        per(({ postgresMs }) => postgresMs / 1_000),
      ),
      row(
        what,
        'statements',
        'mailboxes',
        per(({ statements }) => statements),
      ),
      row(
        what,
        'requests',
        'mailboxes',
        per(({ requests }) => requests),
      ),
      row(`${what}: memory of the sync-worker`, 'MiB', 'mailboxes', (one) => of(one).rssMib),
    ];
  };
  return [
    ...span('first sync', ({ first }) => first, true),
    row('first sync: database', 'MiB', 'mailboxes', ({ databaseMib }) => databaseMib),
    ...span('idle, streams', ({ streams }) => streams),
    ...span(`idle, polls of ${POLL_SECONDS} s`, ({ polls }) => polls),
    row(
      `changed copies a minute, meetings of ${PEOPLE}`,
      'count',
      'any',
      ({ changes }) => (changes.made * PEOPLE) / changes.minutes,
    ),
    row('changed copies that arrived', '%', 'any', ({ changes }) => changes.arrived * 100),
    ...['sync-worker', 'Postgres'].map((who) =>
      row(`a changed copy: ${who}`, 'CPU ms', 'flat', ({ changes, streams }) => {
        const of = (one: Span) => (who === 'Postgres' ? one.postgresMs : one.workerMs);
        return (of(changes) - (of(streams) / streams.minutes) * changes.minutes) / (changes.made * PEOPLE);
      }),
    ),
    row(
      'a changed copy',
      'statements',
      'flat',
      ({ changes, streams }) =>
        (changes.statements - (streams.statements / streams.minutes) * changes.minutes) / (changes.made * PEOPLE),
    ),
    row('a changed copy', 'requests', 'flat', ({ changes }) => changes.requests / (changes.made * PEOPLE)),
  ];
}
