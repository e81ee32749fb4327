import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { addressOf, databaseOptions, ExchangeControl, PASSWORD, TrueConfControl, until } from 'stack-driver';
import { figuresOf, round } from '../figures.ts';
import { watchMachine } from '../machine.ts';
import type { BenchResult } from '../report.ts';
import { type BenchStack, withStack } from '../with-stack.ts';
import { BenchChild, startFloor } from './child.ts';
import { type Stamp, VARIANTS, type Variant } from './messages.ts';

const CLIENTS = 100;
const CHANGES = 1_000;
const WARM_UP = 50;
/** A thousand changes a minute of each variant. */
const EVERY_MS = 60;

/** One change on its way, unix ms with fractions. */
interface LatencySample {
  /** When the writer had the answer to its COMMIT. */
  readonly committedMs: number;
  /** When the client's process saw the frame. */
  readonly receivedMs: number;
}

/**
 * How long a change takes from its commit to the person's client, beside the least that any server on Postgres and
 * WebSocket can do, in the same run and taking turns with it.
 */
export function runLatency(): Promise<BenchResult> {
  const machine = watchMachine();
  const people = Array.from({ length: CLIENTS }, (_, n) => `person${String(n).padStart(3, '0')}`);
  return withStack(
    (config) => {
      config.calendarProviders[0]!.users = people.map(addressOf);
    },
    async (bench) => {
      await hire(bench, people);
      const { committed, received } = await measure(bench, people);
      const samples = Object.fromEntries(
        VARIANTS.map((variant) => [variant, samplesOf(variant, committed, received)]),
      ) as Record<Variant, LatencySample[]>;
      const figures = figuresByVariant(samples);
      const lost = committed.length - VARIANTS.reduce((sum, variant) => sum + samples[variant].length, 0);
      return {
        bench: 'latency',
        machine: machine(),
        setting: {
          clients: CLIENTS,
          'changes a minute': 60_000 / EVERY_MS,
          'people in a meeting': 4,
          latency: 'frame seen by the client − commit answered to the writer',
          floor: 'NOTIFY, LISTEN, two indexed SELECTs, send',
          bare: 'NOTIFY, LISTEN, send',
        },
        figures,
        facts: {
          'product / floor, p50': round(figures.product!.p50 / figures.floor!.p50),
          'product / floor, p99': round(figures.product!.p99 / figures.floor!.p99),
          'product / bare, p50': round(figures.product!.p50 / figures.bare!.p50),
          'product / bare, p99': round(figures.product!.p99 / figures.bare!.p99),
        },
        problems: lost === 0 ? [] : [`${lost} changes did not arrive`],
        samples: { latency: samples.product, 'latency-floor': samples.floor, 'latency-bare': samples.bare },
      };
    },
  );
}

/** Gives everybody a mailbox that a real sync-worker has cached, which then ends, and a user on TrueConf Server. */
async function hire({ stack, start }: BenchStack, people: readonly string[]): Promise<void> {
  const { exchangeControl, trueconfControl, database: url } = stack.addresses;
  await new ExchangeControl(exchangeControl).addPeople(
    people.map((id) => ({ address: addressOf(id), password: PASSWORD })),
  );
  await new TrueConfControl(trueconfControl).addUsers(
    people.map((id) => ({ id, email: addressOf(id), password: PASSWORD })),
  );
  const syncWorker = await start('sync-worker');
  const database = new SqlDatabase(databaseOptions(url, 'bench'));
  await until('every mailbox is cached', async () => {
    const { rows } = await database.query<{ cached: number }>(
      'SELECT count(*)::int AS cached FROM calendar.mailbox WHERE cached_at IS NOT NULL',
    );
    return rows[0]?.cached === people.length ? true : undefined;
  });
  await database.close();
  await syncWorker.stop();
}

async function measure(
  { stack, gatewayUrl, start }: BenchStack,
  people: readonly string[],
): Promise<{ committed: Stamp[]; received: Stamp[] }> {
  const databaseUrl = stack.addresses.database;
  const writer = new BenchChild('./writer.ts');
  const clients = new BenchChild('./clients.ts');
  const servers: { end: () => void }[] = [];
  try {
    await writer.ask({ databaseUrl, people, changes: CHANGES, warmUp: WARM_UP, everyMs: EVERY_MS });
    await start('ws-gateway');
    const floor = await startFloor('./floor-server.ts', databaseUrl);
    const bare = await startFloor('./bare-server.ts', databaseUrl);
    servers.push(floor, bare);
    await clients.ask({ people, urls: { product: gatewayUrl, floor: floor.url, bare: bare.url } });
    const committed = await writer.ask<Stamp[]>('go');
    const received = await clients.ask<Stamp[]>((CHANGES + WARM_UP) * VARIANTS.length);
    return { committed, received };
  } finally {
    for (const server of servers) server.end();
    writer.end();
    clients.end();
  }
}

function samplesOf(variant: Variant, committed: readonly Stamp[], received: readonly Stamp[]): LatencySample[] {
  const arrivals = new Map(
    received.filter((stamp) => stamp.variant === variant).map(({ change, atMs }) => [change, atMs]),
  );
  return committed
    .filter((stamp) => stamp.variant === variant)
    .flatMap(({ change, atMs: committedMs }) => {
      const receivedMs = arrivals.get(change);
      return receivedMs === undefined ? [] : [{ committedMs, receivedMs }];
    });
}

function figuresByVariant(samples: Readonly<Record<Variant, readonly LatencySample[]>>) {
  const figures = VARIANTS.map(
    (variant) =>
      [variant, figuresOf(samples[variant].map(({ committedMs, receivedMs }) => receivedMs - committedMs))] as const,
  );
  return Object.fromEntries(figures);
}
