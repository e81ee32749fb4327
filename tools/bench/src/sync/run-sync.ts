import pg from 'pg';
import { addressOf, compareCache, ExchangeControl, PASSWORD, SERVICE_LOGIN, SERVICE_PASSWORD } from 'stack-driver';
import { type Figures, figuresOf, round } from '../figures.ts';
import { watchMachine } from '../machine.ts';
import type { BenchResult } from '../report.ts';
import { type BenchStack, withStack } from '../with-stack.ts';
import { FOREIGN_READERS, type ForeignReader, readWith } from './foreign-reader.ts';
import { fillCalendars, MAILBOXES, OCCURRENCES } from './full-calendars.ts';
import { IDLE_MAILBOXES, type IdleCost, measureIdle } from './idle.ts';
import { readWithProduct } from './product-reader.ts';
import type { ReaderResult } from './reader-task.ts';
import { watch } from './watched-mailboxes.ts';

/** A foreign reader is stopped then, so that the whole bench ends within minutes; the connector must be done by its own. */
const MOST_FOREIGN_MS = 40_000;
const MOST_PRODUCT_MS = 150_000;

const SETTINGS = ['default', 'best'] as const;
type Settings = (typeof SETTINGS)[number];

/** One reader at one of its settings. */
interface Reading extends ReaderResult {
  readonly reader: 'product' | ForeignReader;
  readonly settings: Settings;
  readonly requests: number;
}

/** `limits` of the connector: as they come, and with nothing held back but the number of connections. */
const PRODUCT_LIMITS: Readonly<Record<Settings, object>> = {
  default: {},
  best: { connections: 8, requestsPerSecond: 1000 },
};

/**
 * How fast calendars come from Exchange into Postgres by a real sync-worker, beside two foreign clients that only read
 * them; and what it costs to watch 2,000 mailboxes in which nothing happens.
 */
export function runSync(): Promise<BenchResult> {
  const machine = watchMachine();
  return withStack(
    () => undefined,
    async (bench) => {
      const exchange = new ExchangeControl(bench.stack.addresses.exchangeControl);
      const database = new pg.Pool({ connectionString: bench.stack.addresses.database, max: 2 });
      try {
        const { readings, problems } = await readAll(bench, database, exchange);
        const idle = await measureIdle(bench, database, exchange);
        return resultOf(machine(), readings, idle, problems);
      } finally {
        await database.end();
      }
    },
  );
}

async function readAll(
  bench: BenchStack,
  database: pg.Pool,
  exchange: ExchangeControl,
): Promise<{ readings: Reading[]; problems: string[] }> {
  const mailboxes = Array.from({ length: MAILBOXES }, (_, n) => addressOf(`person${String(n).padStart(2, '0')}`));
  await exchange.addPeople(mailboxes.map((address) => ({ address, password: PASSWORD })));
  await fillCalendars(exchange, bench.stack.addresses.ews, mailboxes, new Date().toISOString().slice(0, 10));
  const readings: Reading[] = [];
  const problems: string[] = [];
  for (const settings of SETTINGS) {
    const config = await bench.config(`sync-${settings}`, (draft) => watch(draft, mailboxes, PRODUCT_LIMITS[settings]));
    const options = { config, mailboxes: mailboxes.length, mostMs: MOST_PRODUCT_MS };
    const result = await readWithProduct(bench, database, exchange, options);
    readings.push({ ...result, reader: 'product', settings, requests: (await exchange.journal()).length });
    const { differing } = await compareCache(database, exchange, mailboxes);
    problems.push(...differing.slice(0, 3));
  }
  const { rows } = await database.query<{ from: Date; to: Date }>(
    'SELECT min(window_from) AS "from", max(window_to) AS "to" FROM calendar.mailbox',
  );
  const { from, to } = rows[0]!;
  const window = { from: from.toISOString(), to: to.toISOString() };
  for (const reader of FOREIGN_READERS) {
    for (const settings of SETTINGS) {
      await exchange.forgetJournal();
      const account = { login: `CORP\\${SERVICE_LOGIN}`, password: SERVICE_PASSWORD };
      const task = { ewsUrl: bench.stack.addresses.ews, ...account, mailboxes, ...window, settings };
      const result = await readWith(reader, task, MOST_FOREIGN_MS);
      readings.push({ ...result, reader, settings, requests: (await exchange.journal()).length });
    }
  }
  return { readings, problems: [...problems, ...unequal(readings)] };
}

/** Who read less of a mailbox than there is has no figure to show; the connector has to have read them all. */
function unequal(readings: readonly Reading[]): string[] {
  const [first] = readings;
  const attendees = new Map(first!.reads.map((read) => [read.mailbox, read.attendees]));
  return readings.flatMap((reading) => {
    const short = reading.reads.filter(
      (read) => read.occurrences !== OCCURRENCES || read.attendees !== attendees.get(read.mailbox),
    );
    const name = nameOf(reading);
    return [
      ...short
        .slice(0, 1)
        .map((read) => `${name}: ${read.occurrences} occurrences and ${read.attendees} attendees of ${read.mailbox}`),
      ...(reading.reader === 'product' && reading.reads.length < MAILBOXES
        ? [`${name}: ${reading.reads.length} mailboxes`]
        : []),
    ];
  });
}

function resultOf(
  machine: BenchResult['machine'],
  readings: readonly Reading[],
  idle: readonly IdleCost[],
  problems: readonly string[],
): BenchResult {
  const speeds = new Map(readings.map((reading) => [nameOf(reading), perSecond(reading)]));
  const best = Math.max(...readings.filter(({ reader }) => reader === 'product').map(perSecond));
  const facts: Record<string, number> = {};
  for (const reading of readings) {
    const name = nameOf(reading);
    facts[`${name}: occurrences per second`] = speeds.get(name)!;
    facts[`${name}: mailboxes read`] = reading.reads.length;
    facts[`${name}: requests for each`] = round(reading.requests / reading.reads.length);
    facts[`${name}: peak memory, MiB`] = Math.round(reading.peakMemoryBytes / 2 ** 20);
    facts[`${name}: CPU, s`] = round(reading.cpuMs / 1000);
    if (reading.reader !== 'product') facts[`product best / ${name}`] = round(best / speeds.get(name)!);
  }
  for (const { mode, requestsPerMinute, cpuMsPerMinute, peakMemoryBytes, samples } of idle) {
    facts[`idle, ${mode}: requests per minute`] = requestsPerMinute;
    for (const [operation, some] of Map.groupBy(samples, (sample) => sample.operation)) {
      facts[`idle, ${mode}: ${operation} in the minute`] = some.length;
    }
    facts[`idle, ${mode}: CPU of the sync-worker, ms per minute`] = cpuMsPerMinute;
    facts[`idle, ${mode}: peak memory, MiB`] = Math.round(peakMemoryBytes / 2 ** 20);
  }
  return {
    bench: 'sync',
    machine,
    setting: {
      mailboxes: MAILBOXES,
      'occurrences in each': OCCURRENCES,
      'product default': 'limits as they come: 8 connections, 20 requests per second',
      'product best': '8 connections, 1000 requests per second',
      'idle mailboxes': IDLE_MAILBOXES,
    },
    figures: Object.fromEntries(
      readings.map(
        (reading) => [`${nameOf(reading)}: a mailbox, ms`, figuresOf(durations(reading))] as [string, Figures],
      ),
    ),
    facts,
    problems,
    samples: {
      ...Object.fromEntries(readings.map((reading) => [fileOf(reading), reading.reads])),
      ...Object.fromEntries(idle.map(({ mode, samples }) => [`sync-idle-${mode}`, samples])),
    },
  };
}

function durations({ reads }: Reading): number[] {
  return reads.map(({ startedMs, endedMs }) => endedMs - startedMs);
}

/** From the first request to the last mailbox that was complete. */
function perSecond(reading: Reading): number {
  const first = Math.min(...reading.reads.map(({ startedMs }) => startedMs));
  const last = Math.max(...reading.reads.map(({ endedMs }) => endedMs));
  const occurrences = reading.reads.reduce((sum, read) => sum + read.occurrences, 0);
  return Math.round(occurrences / ((last - first) / 1000));
}

function nameOf({ reader, settings }: Reading): string {
  return `${reader} ${settings}`;
}

function fileOf({ reader, settings }: Reading): string {
  return reader === 'product' ? `sync-${settings}` : `sync-${reader}-${settings}`;
}
