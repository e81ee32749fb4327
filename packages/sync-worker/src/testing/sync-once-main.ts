import { monitorEventLoopDelay } from 'node:perf_hooks';
import { CalendarDatabase, type DatabaseOptions } from 'calendar-db/database';
import { claimDueMailboxes } from 'calendar-db/sync';
import { EwsClient } from 'ews-client';
import { syncMailbox } from '../engine/sync-mailbox.ts';
import { EwsProvider } from '../exchange/ews-provider.ts';

/** What a process that synchronizes one mailbox once is told, as JSON in `SYNC_ONCE`. */
export interface SyncOnce {
  readonly database: DatabaseOptions;
  readonly url: string;
  readonly provider: string;
  readonly mailbox: string;
}

/** What it prints, as JSON in one line. */
export interface SyncedOnce {
  readonly written: number;
  readonly entries: number;
  /** Bytes of the heap at its fullest, as seen from time to time. */
  readonly heapPeak: number;
  readonly loopDelayMs: number;
}

const { database: options, url, provider: key, mailbox } = JSON.parse(process.env.SYNC_ONCE ?? '') as SyncOnce;
const client = new EwsClient({ url, login: 'service', password: 'secret', auth: 'basic' });
const accounts = {
  call: <Result>(_mailbox: string, _signal: AbortSignal, work: (reader: EwsClient) => Promise<Result>) => work(client),
  close: () => client.close(),
};
const provider = new EwsProvider(key, accounts, () => true);
const database = new CalendarDatabase(options);
const terms = {
  workerId: crypto.randomUUID(),
  groups: [],
  limit: 1,
  leaseSeconds: 600,
  rescueSeconds: 0,
  aheadSeconds: 0,
};
const reachable = { providers: [key], has: ({ address }: { address: string }) => address === mailbox };
const { leases } = await claimDueMailboxes(database, { ...terms, reachable });
const [lease] = leases;
if (lease === undefined) throw new Error('the mailbox is not due');

let heapPeak = 0;
const sampler = setInterval(() => {
  heapPeak = Math.max(heapPeak, process.memoryUsage().heapUsed);
}, 20);
// What is loaded with the first call is not to be measured.
await client.getCalendarFolder(mailbox);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const settings = { backward: 1, forward: 1, autoSync: true, pollSeconds: 0, repairDays: 7 };
const { written, entries } = await syncMailbox(database, provider, lease, settings, new AbortController().signal);
delay.disable();
clearInterval(sampler);
const result: SyncedOnce = { written, entries, heapPeak, loopDelayMs: Math.round(delay.max / 1e6) };
console.log(JSON.stringify(result));
await provider.close();
await database.close();
