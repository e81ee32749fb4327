import type { ExchangeEntry } from './exchange-entry.ts';

/**
 * What parts the entries of one series from all others, by item id; null for singles. Mostly that is the series key. Where
 * two plain occurrences under one key were put on the same day, there are two series with one UID: their change keys part
 * them, since an occurrence has that of its master (docs/reference/exchange.md §5.5).
 */
export function seriesKeys(entries: readonly ExchangeEntry[]): ReadonlyMap<string, string | null> {
  const shared = new Set<string>();
  const changeKeys = new Map<string, string | null>();
  for (const { item, seriesKey } of entries) {
    if (item.kind !== 'occurrence' || seriesKey === null) continue;
    const place = `${seriesKey}\n${(item.recurrenceId ?? item.start).toISOString().slice(0, 10)}`;
    if ((changeKeys.get(place) ?? item.changeKey) !== item.changeKey) shared.add(seriesKey);
    changeKeys.set(place, item.changeKey);
  }
  return new Map(
    entries.map(({ itemId, item, seriesKey }) => {
      const isShared = item.kind === 'occurrence' && seriesKey !== null && shared.has(seriesKey);
      return [itemId, isShared ? `${seriesKey}\n${item.changeKey}` : seriesKey];
    }),
  );
}
