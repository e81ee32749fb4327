import type { LiveOccurrence } from 'calendar-db/sync';
import { describe, expect, it } from 'vitest';
import { goneEvents } from './gone-events.ts';

const window = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-06-01T00:00:00Z') };
const EPOCH = new Date(0);

function cached(itemId: string, changes: Partial<LiveOccurrence> = {}): LiveOccurrence {
  const start = new Date('2026-03-01T10:00:00Z');
  return {
    eventId: `event of ${itemId}`,
    itemId,
    seriesId: null,
    start,
    end: new Date('2026-03-01T11:00:00Z'),
    ...changes,
  };
}

async function* pages(rows: readonly LiveOccurrence[]): AsyncGenerator<LiveOccurrence[]> {
  for (const row of rows) yield [row];
}

describe('goneEvents', () => {
  const gone = async (
    shown: LiveOccurrence[],
    held: LiveOccurrence[],
    doubts: { unreadable?: (string | null)[]; skipped?: string[] } = {},
  ) => {
    const { unreadable = [], skipped = [] } = doubts;
    const ids = new Set(shown.map(({ eventId }) => eventId));
    const doubtful = new Set([...unreadable, ...skipped]);
    return (await goneEvents({ window, live: pages(held), shown: ids, doubtful })).map(({ eventId }) => eventId);
  };

  it('lets go only what a complete view of the window no longer shows', async () => {
    const stays = cached('stays');
    const outside = cached('outside', { start: EPOCH, end: EPOCH });
    expect(await gone([stays], [stays, cached('goes'), outside])).toEqual([cached('goes').eventId]);
  });

  it('keeps the event of an item that came unreadable or could not be described', async () => {
    const held = [cached('a'), cached('b')];
    expect(await gone([], held, { unreadable: ['a'], skipped: ['b'] })).toEqual([]);
  });

  it('keeps everything when an item came unreadable without telling which', async () => {
    expect(await gone([], [cached('a')], { unreadable: [null] })).toEqual([]);
  });
});
