import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { addressOf, type ExchangeControl, PASSWORD, until, type WorkerProcess } from 'stack-driver';
import { round } from '../figures.ts';
import type { BenchStack } from '../with-stack.ts';
import { processCost } from './process-cost.ts';
import { watch } from './watched-mailboxes.ts';

export const IDLE_MAILBOXES = 2_000;
const POLL_SECONDS = 60;
const MEASURED_MS = 60_000;
const MOST_READING_MS = 240_000;
/** Fast enough that reading the empty calendars for the first time is over soon; at rest it is never reached. */
const STREAMS = 20;
const LIMITS = { connections: 8, requestsPerSecond: 1000, streams: STREAMS };
const QUIET_MS = 5_000;
const POLL = 'SyncFolderItems';

/** What one sync-worker and Exchange have to do for mailboxes in which nothing happens. */
export interface IdleCost {
  readonly mode: 'polling' | 'streaming';
  readonly requestsPerMinute: number;
  readonly cpuMsPerMinute: number;
  readonly peakMemoryBytes: number;
  /** The requests, by the simulator's journal. */
  readonly samples: readonly { readonly atMs: number; readonly operation: string }[];
}

/** Watches 2,000 empty mailboxes for a minute each by polls and by streams, with one sync-worker that has read them all. */
export async function measureIdle(
  bench: BenchStack,
  database: pg.Pool,
  exchange: ExchangeControl,
): Promise<IdleCost[]> {
  const mailboxes = Array.from({ length: IDLE_MAILBOXES }, (_, n) => addressOf(`idle${String(n).padStart(4, '0')}`));
  await exchange.addPeople(mailboxes.map((address) => ({ address, password: PASSWORD })));
  // Streams have a limit of their own per account, which 2,000 mailboxes of one account exceed.
  await exchange.set({ streaming: { connectionsPerAccount: STREAMS } });
  await database.query('TRUNCATE calendar.mailbox, calendar.event_audience CASCADE');
  const configOf = (mode: IdleCost['mode']) =>
    bench.config(`sync-idle-${mode}`, (draft) => {
      watch(draft, mailboxes, LIMITS, { pollSeconds: POLL_SECONDS });
      draft.calendarProviders[0]!.streaming = { enabled: mode === 'streaming' };
    });
  const costs: IdleCost[] = [];
  for (const mode of ['polling', 'streaming'] as const) {
    const worker = await bench.start('sync-worker', await configOf(mode));
    await untilAllAre('read', database, 'cached_at IS NOT NULL');
    if (mode === 'streaming') await untilAllStreamed(exchange);
    await untilOnlyPolled(exchange);
    costs.push(await measure(mode, worker, exchange));
    await worker.stop();
  }
  return costs;
}

async function untilAllAre(what: string, database: pg.Pool, condition: string): Promise<void> {
  await until(
    `all idle mailboxes are ${what}`,
    async () => {
      const { rows } = await database.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM calendar.mailbox WHERE ${condition}`,
      );
      if (rows[0]?.n === IDLE_MAILBOXES) return true;
      throw new Error(`${rows[0]?.n} of ${IDLE_MAILBOXES}`);
    },
    { patienceMs: MOST_READING_MS, everyMs: 500 },
  );
}

/** The syncs that follow an opened stream are over when no request has come for some seconds. */
async function untilAllStreamed(exchange: ExchangeControl): Promise<void> {
  await until(
    'streams tell of all idle mailboxes',
    async () => {
      const streamed = (await exchange.subscriptions()).filter(({ streaming }) => streaming);
      const { size } = new Set(streamed.map(({ mailbox }) => mailbox));
      if (size < IDLE_MAILBOXES) throw new Error(`${size} of ${IDLE_MAILBOXES}`);
      const [last] = (await exchange.journal()).slice(-1);
      return Date.now() - (last?.at ?? 0) > QUIET_MS ? true : undefined;
    },
    { patienceMs: MOST_READING_MS, everyMs: 1_000 },
  );
}

/**
 * What a worker asks once about mailboxes that it has not known (where they are, who is behind them) is asked: for some
 * seconds there were no requests but polls.
 */
async function untilOnlyPolled(exchange: ExchangeControl): Promise<void> {
  await until(
    'nothing is asked any more but what there is to poll',
    async () => {
      const others = (await exchange.journal()).filter(({ operation }) => operation !== POLL);
      return Date.now() - (others.at(-1)?.at ?? 0) > QUIET_MS ? true : undefined;
    },
    { patienceMs: MOST_READING_MS, everyMs: 1_000 },
  );
}

async function measure(mode: IdleCost['mode'], worker: WorkerProcess, exchange: ExchangeControl): Promise<IdleCost> {
  await exchange.forgetJournal();
  const began = performance.now();
  const before = await processCost(worker.pid);
  await pause(MEASURED_MS);
  const after = await processCost(worker.pid);
  const minutes = (performance.now() - began) / 60_000;
  const journal = await exchange.journal();
  return {
    mode,
    requestsPerMinute: Math.round(journal.length / minutes),
    cpuMsPerMinute: round((after.cpuMs - before.cpuMs) / minutes),
    peakMemoryBytes: after.peakMemoryBytes,
    samples: journal.map(({ at, operation }) => ({ atMs: at, operation: operation ?? 'none' })),
  };
}
