import type { SyncedOccurrence } from 'calendar-db/sync';
import { expect } from 'vitest';
import { NewestOccurrences } from '../engine/newest-occurrences.ts';
import { type EwsAccounts, EwsProvider } from '../exchange/ews-provider.ts';
import { describeParts } from './describe-parts.ts';
import type { GoldenCalendar, GoldenExchange } from './golden-exchange.ts';

const MAILBOX = 'anna@corp.example';
const signal = new AbortController().signal;

/**
 * What the cache holds of a calendar in a window; every item of it must have been read.
 *
 * @param window two dates, UTC
 */
export async function cacheOf(
  exchange: GoldenExchange,
  calendar: GoldenCalendar,
  window: string,
): Promise<SyncedOccurrence[]> {
  exchange.calendar = calendar;
  const accounts: EwsAccounts = {
    call: (_mailbox, _signal, work) => work(exchange.client),
    close: async () => undefined,
  };
  const provider = new EwsProvider('exchange', accounts, () => true);
  const [from, to] = window.split('/').map((date) => new Date(`${date}T00:00:00Z`)) as [Date, Date];
  const parts = await Array.fromAsync(provider.window(MAILBOX, 'folder', { from, to }, signal));
  const { occurrences, skipped } = await describeParts(parts, signal);
  expect([parts.flatMap(({ unreadable }) => unreadable), skipped]).toEqual([[], []]);
  return [...new NewestOccurrences().take(occurrences, [], { from, to })];
}
