import { readFileSync } from 'node:fs';
import { eventId } from 'calendar-model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheOf } from '../testing/cache-of-golden.ts';
import { type GoldenCalendar, GoldenExchange } from '../testing/golden-exchange.ts';

/** What the cache must hold of one event. */
interface Held {
  readonly kind: 'single' | 'occurrence' | 'exception';
  readonly start: string;
  readonly end: string;
  /** IANA name or fixed offset. */
  readonly zone: string;
  /** First day and the day after the last one, of all-day events. */
  readonly dates?: string;
  readonly cancelled?: boolean;
  /** What the event's id is made of: the clean UID, and the local date of the original start (empty: none). */
  readonly uid: string;
  readonly key: string;
}

/**
 * A row of `times.jsonl`: why it is there, what Exchange sends, what the cache must hold. Rows with a `view` are of a server
 * that expands series, rows with a `folder` of one that does not.
 */
interface Row extends GoldenCalendar {
  readonly why: string;
  /** Two dates, UTC. */
  readonly window: string;
  readonly holds: readonly Held[];
}

const rows = readFileSync(new URL('times.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Row);

let exchange: GoldenExchange;
beforeAll(async () => {
  exchange = await GoldenExchange.start();
});
afterAll(() => exchange.close());

/** The id that the key stands for; `uid` is clean already. */
function idOf({ uid, key }: Held): string {
  const item = { uid: uid.startsWith('item:') ? null : uid, itemId: uid.replace('item:', ''), seriesZone: 'UTC' };
  if (key === '') return eventId({ ...item, kind: 'single', originalStart: null });
  return eventId({ ...item, kind: 'occurrence', originalStart: new Date(`${key}T12:00:00Z`) });
}

describe('the golden table of times', () => {
  it.each(rows)('$why', async (row) => {
    const { window, ...calendar } = row;
    const held = (await cacheOf(exchange, calendar, window)).map((event) => ({
      kind: event.kind,
      start: event.start.toISOString(),
      end: event.end.toISOString(),
      zone: event.timeZone,
      dates: event.allDay ? `${event.startDate}/${event.endDate}` : undefined,
      cancelled: event.isCancelled,
      id: event.eventId,
    }));
    const expected = row.holds.map((one) => ({
      kind: one.kind,
      start: new Date(one.start).toISOString(),
      end: new Date(one.end).toISOString(),
      zone: one.zone,
      dates: one.dates,
      cancelled: one.cancelled ?? false,
      id: idOf(one),
    }));
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    expect(held.sort(byId)).toEqual(expected.sort(byId));
  });
});
