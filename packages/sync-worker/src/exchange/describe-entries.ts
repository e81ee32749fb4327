import { setImmediate } from 'node:timers/promises';
import type { SyncedOccurrence } from 'calendar-db/sync';
import { isPrivate } from 'calendar-model';
import type { EwsCalendarItem, ItemRequest } from 'ews-client';
import type { Described } from '../engine/calendar-provider.ts';
import type { ExchangeEntry } from './exchange-entry.ts';
import { exchangeOccurrence, type MappingContext, occurrenceFromView } from './exchange-occurrence.ts';
import { seriesKeys } from './series-keys.ts';
import { knowAllZones } from './zone-offsets.ts';

/** Occurrences that are put together before other work gets a turn. */
const MAPPED_PER_TURN = 50;
/** Masters that are kept while a window is read, so that a series is not fetched for every part of it. */
const MOST_MASTERS = 500;

export interface DescribeContext extends MappingContext {
  /** Masters that were fetched for this window, by series key; those fetched now are added. */
  readonly masters: Map<string, EwsCalendarItem>;
  /** Asks for items: one or null per request, in order. */
  readonly fetch: (requests: readonly ItemRequest[]) => Promise<(EwsCalendarItem | null)[]>;
  /** Told of the items that will be stored, before they are. */
  readonly notice: (items: readonly EwsCalendarItem[]) => Promise<void>;
}

/**
 * Completes entries of a window with details: singles and exceptions by their own items, plain occurrences by their
 * series' master, which is fetched once.
 * @throws what `fetch` and `notice` throw
 */
export async function describeEntries(entries: readonly ExchangeEntry[], context: DescribeContext): Promise<Described> {
  const { masters, fetch, notice } = context;
  await knowAllZones();
  const keys = seriesKeys(entries);
  const keyOf = ({ itemId }: ExchangeEntry) => keys.get(itemId) ?? null;
  makeRoom(masters, new Set(keys.values()));
  const unknown = entries.filter(({ known }) => known === null);
  const own = unknown.filter(({ item }) => item.kind !== 'occurrence');
  const bySeries = Map.groupBy(
    unknown.filter((entry) => keyOf(entry) !== null && !masters.has(keyOf(entry) ?? '')),
    keyOf,
  );
  const firsts = [...bySeries.values()].flatMap(([first]) => first ?? []);
  const results = await fetch([
    ...own.map(({ itemId }) => ({ itemId })),
    ...firsts.map(({ itemId }) => ({ masterOf: itemId })),
  ]);
  // Before what they belong to is written: whatever happens then, the questions are not lost. Of what is not stored
  // nobody is asked about either.
  const isStored = (item: EwsCalendarItem) => context.storePrivate || !isPrivate(item.sensitivity);
  await notice(results.filter((item) => item !== null).filter(isStored));
  const items = new Map(own.map(({ itemId }, index) => [itemId, results[index] ?? null]));
  for (const [index, first] of firsts.entries()) {
    const master = results[own.length + index];
    const key = keyOf(first);
    if (master && key !== null) masters.set(key, master);
  }
  return complete(entries, items, keys, context);
}

async function complete(
  entries: readonly ExchangeEntry[],
  items: ReadonlyMap<string, EwsCalendarItem | null>,
  keys: ReadonlyMap<string, string | null>,
  context: DescribeContext,
): Promise<Described> {
  const masters: ReadonlyMap<string | null, EwsCalendarItem> = context.masters;
  const occurrences: SyncedOccurrence[] = [];
  const skipped: string[] = [];
  const fromView: SyncedOccurrence[] = [];
  for (const [place, entry] of entries.entries()) {
    if (place % MAPPED_PER_TURN === MAPPED_PER_TURN - 1) await setImmediate();
    const master = entry.known?.master ?? masters.get(keys.get(entry.itemId) ?? null) ?? null;
    const own = entry.item.kind === 'occurrence' ? master : (items.get(entry.itemId) ?? null);
    const details = entry.known?.details ?? own;
    const occurrence = details && exchangeOccurrence(entry, { details, master }, context);
    if (occurrence !== null) {
      occurrences.push(occurrence);
      continue;
    }
    skipped.push(entry.itemId);
    const shown = occurrenceFromView(entry, master, context);
    if (shown !== null) fromView.push(shown);
  }
  return { occurrences, skipped, fromView };
}

/** Forgets the masters kept longest, but not those that are wanted now. */
function makeRoom(masters: Map<string, EwsCalendarItem>, wanted: ReadonlySet<string | null>): void {
  for (const seriesKey of masters.keys()) {
    if (masters.size <= MOST_MASTERS) return;
    if (!wanted.has(seriesKey)) masters.delete(seriesKey);
  }
}
