import type { EwsCalendarItem } from 'ews-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { describeParts } from '../testing/describe-parts.ts';
import { FakeReader } from '../testing/fake-reader.ts';
import { calendarItem, ewsError, viewItem } from '../testing/sample-ews-items.ts';
import { type EwsAccounts, EwsProvider } from './ews-provider.ts';

const MAILBOX = 'anna@corp.example';
const WINDOW = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-04-01T00:00:00Z') };
const signal = new AbortController().signal;
const BERLIN = { id: 'W. Europe Standard Time', name: null, rules: null };

let reader: FakeReader;
let provider: EwsProvider;
let told: number;
beforeEach(() => {
  reader = new FakeReader();
  const accounts: EwsAccounts = { call: (_mailbox, _signal, work) => work(reader), close: () => reader.close() };
  told = 0;
  provider = new EwsProvider('exchange', accounts, () => true, { onLocalExpansion: () => told++ });
});

async function window() {
  const parts = await Array.fromAsync(provider.window(MAILBOX, 'folder', WINDOW, signal));
  return {
    parts,
    entries: parts.flatMap(({ entries }) => entries),
    unreadable: parts.flatMap(({ unreadable }) => unreadable),
  };
}

/** A weekly series on Tuesdays at ten in Berlin, begun two years before the window. */
function seriesFrom2024(given: Partial<EwsCalendarItem> = {}): EwsCalendarItem {
  return calendarItem({
    itemId: 'master',
    kind: 'recurringMaster',
    uid: 'series',
    start: new Date('2024-01-02T09:00:00Z'),
    end: new Date('2024-01-02T10:00:00Z'),
    seriesZone: BERLIN,
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['Tuesday'], firstDayOfWeek: 'Monday' },
      range: { type: 'noEnd', startDate: '2024-01-02' },
    },
    ...given,
  });
}

function store(master: EwsCalendarItem): void {
  const listed = viewItem({ itemId: 'master', kind: 'recurringMaster', uid: 'series', start: master.start });
  reader.stored = [viewItem({ itemId: 'single' }), listed];
  reader.details.set('master', master);
}

describe('a server that does not expand series', () => {
  it('is recognized by a master in a view, told once, and asked for no view again', async () => {
    store(seriesFrom2024());
    reader.items = [viewItem({ itemId: 'master', kind: 'recurringMaster' })];
    const { entries } = await window();
    expect(entries.map(({ start }) => start.toISOString())).toEqual([
      '2026-03-10T09:00:00.000Z',
      '2026-03-03T09:00:00.000Z',
      '2026-03-10T09:00:00.000Z',
      '2026-03-17T09:00:00.000Z',
      '2026-03-24T09:00:00.000Z',
      // Summer time since the 29th.
      '2026-03-31T08:00:00.000Z',
    ]);
    await window();
    expect([reader.views.length, told]).toEqual([1, 1]);
  });

  it('is recognized by a series that began before the window, which its views never show', async () => {
    store(seriesFrom2024());
    reader.items = [viewItem({ itemId: 'single' })];
    expect((await window()).entries).toHaveLength(6);
    expect(told).toBe(1);
  });

  it('is not taken for one because a calendar holds no series, nor once a view has shown an occurrence', async () => {
    store(seriesFrom2024({ recurrence: null }));
    reader.stored = [viewItem({ itemId: 'single' })];
    reader.items = reader.stored;
    await window();
    reader.items = [viewItem({ itemId: 'occurrence', kind: 'occurrence' })];
    await window();
    reader.items = [];
    await window();
    expect([reader.views.length, told]).toEqual([3, 0]);
  });

  it('gives exceptions by their own items, moved into the window and out of it, and none that was deleted', async () => {
    const modified = (itemId: string, originalStart: string, start: string) => ({
      itemId,
      originalStart: new Date(originalStart),
      start: new Date(start),
      end: new Date(Date.parse(start) + 3_600_000),
    });
    store(
      seriesFrom2024({
        modifiedOccurrences: [
          modified('in', '2026-02-24T09:00:00Z', '2026-03-01T09:00:00Z'),
          modified('out', '2026-03-31T08:00:00Z', '2026-04-05T09:00:00Z'),
          modified('bare', '2026-03-17T09:00:00Z', '2026-03-18T09:00:00Z'),
        ],
        deletedOccurrences: [new Date('2026-03-03T09:00:00Z')],
      }),
    );
    reader.details.set('in', calendarItem({ itemId: 'in', kind: 'exception', subject: 'Moved in', isCancelled: true }));
    reader.details.set('bare', ewsError('ErrorItemNotFound', 'item', { operation: 'GetItem' }));
    const { parts } = await window();
    reader.details.set('single', calendarItem({ itemId: 'single' }));
    const { occurrences, skipped } = await describeParts(parts, signal);
    expect(skipped).toEqual([]);
    const series = occurrences.filter(({ seriesId }) => seriesId === 'master');
    expect(
      series.map(({ kind, subject, start, originalStart, isCancelled }) => [
        kind,
        subject,
        start.toISOString().slice(0, 13),
        originalStart?.toISOString().slice(0, 10),
        isCancelled,
      ]),
    ).toEqual([
      ['exception', 'Moved in', '2026-03-01T09', '2026-02-24', true],
      ['occurrence', 'Planning', '2026-03-10T09', '2026-03-10', false],
      ['exception', 'Planning', '2026-03-18T09', '2026-03-17', false],
      ['occurrence', 'Planning', '2026-03-24T09', '2026-03-24', false],
    ]);
  });

  it('keeps what is known of a series whose rule cannot be had', async () => {
    store(seriesFrom2024({ recurrence: null }));
    reader.items = [viewItem({ itemId: 'master', kind: 'recurringMaster' })];
    expect((await window()).unreadable).toEqual(['master']);
    reader.details.set('master', ewsError('ErrorItemCorrupt', 'item', { operation: 'GetItem' }));
    expect((await window()).unreadable).toEqual(['master']);
  });

  it('gives an occurrence the same digest until something of it or its series is different', async () => {
    store(seriesFrom2024());
    const digests = async () => (await window()).entries.map(({ digest }) => digest);
    const before = await digests();
    expect(await digests()).toEqual(before);
    store(seriesFrom2024({ deletedOccurrences: [new Date('2026-03-03T09:00:00Z')] }));
    expect(await digests()).toEqual(before.toSpliced(1, 1));
  });
});
