import type { SyncedOccurrence } from 'calendar-db/sync';
import { expandSeries, recurrenceDates } from 'calendar-model';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RandomSeries, randomSeries, recurrences } from './random-series.ts';
import { isCommonPattern, rfcDates } from './rfc-dates.ts';
import { SimulatedCalendar, seedOf } from './simulated-calendar.ts';

/** Seconds when nobody else needs the machine; much longer when a counterexample is made smaller. */
const TIMEOUT_MS = 120_000;

let calendar: SimulatedCalendar;
beforeAll(async () => {
  calendar = await SimulatedCalendar.start();
});
afterAll(() => calendar.close());

function instant(wall: string, zone: string): Date {
  return new Date(Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds);
}

function expandedHere({ recurrence, zone, start, end, allDay, exceptions, deletedDates, window }: RandomSeries) {
  const startTime = start.slice(10);
  const originalStart = (date: string) => instant(`${date}${startTime}`, zone);
  const series = {
    ...{ recurrence, isAllDay: allDay, start: instant(start, zone), end: instant(end, zone) },
    zoneAt: () => zone,
    deleted: deletedDates.map(originalStart),
    modified: exceptions.map((exception) => ({
      start: instant(exception.start, zone),
      end: instant(exception.end, zone),
      originalStart: originalStart(exception.originalDate),
    })),
  };
  return expandSeries(series, window).map((one) => ({
    date: one.date,
    start: one.start.toISOString(),
    end: one.end.toISOString(),
    kind: one.modified === null ? 'Occurrence' : 'Exception',
  }));
}

describe('the expansion of a series', () => {
  it('gives the dates that RFC 5545 gives, where that and Exchange agree', () => {
    fc.assert(
      fc.property(recurrences, fc.integer({ min: -30, max: 2_000 }), (recurrence, ahead) => {
        fc.pre(isCommonPattern(recurrence.pattern));
        const from = Temporal.PlainDate.from(recurrence.range.startDate).add({ days: ahead });
        const span = [from.toString(), from.add({ days: 200 }).toString()] as const;
        expect(recurrenceDates(recurrence, ...span)).toEqual(rfcDates(recurrence, ...span));
      }),
      { numRuns: 100 },
    );
  });

  it(
    'is the simulator’s, which was written apart: zones, short months, deletions, exceptions and all',
    async () => {
      await fc.assert(
        fc.asyncProperty(randomSeries, async (series) => {
          const mailbox = await calendar.mailbox();
          await calendar.put(mailbox, [seedOf(series)]);
          const truth = await calendar.truth(mailbox, series.window);
          const told = truth.map(({ originalDate, start, end, kind }) => ({ date: originalDate, start, end, kind }));
          expect(expandedHere(series)).toEqual(told.sort((a, b) => String(a.date).localeCompare(String(b.date))));
        }),
        { numRuns: 60 },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'makes the same events of a server that expands and of one that does not',
    async () => {
      const signal = new AbortController().signal;
      await fc.assert(
        fc.asyncProperty(fc.array(randomSeries, { minLength: 1, maxLength: 3 }), async (manySeries) => {
          const mailbox = await calendar.mailbox();
          const window = manySeries[0]?.window ?? { from: new Date(), to: new Date() };
          await calendar.put(mailbox, manySeries.map(seedOf));
          const read = async (personality: string) => {
            await calendar.control('PATCH', '/settings', { personality });
            const provider = calendar.provider();
            const { folderId } = await provider.open(mailbox, signal);
            const parts = await Array.fromAsync(provider.window(mailbox, folderId, window, signal));
            const occurrences: SyncedOccurrence[] = [];
            const skipped: string[] = [];
            for (const { entries, describe } of parts) {
              const itemIds = entries.map(({ itemId }) => itemId);
              const described = await describe(itemIds, signal);
              occurrences.push(...described.occurrences);
              skipped.push(...described.skipped);
            }
            expect([skipped, parts.flatMap(({ unreadable }) => unreadable)]).toEqual([[], []]);
            return occurrences
              .map(({ itemId: _, viewDigest: __, ...told }) => told)
              .sort((a, b) => a.eventId.localeCompare(b.eventId));
          };
          const expandedThere = await read('exchange');
          expect(await read('grommunio')).toEqual(expandedThere);
          expect(expandedThere).toHaveLength((await calendar.truth(mailbox, window)).length);
        }),
        { numRuns: 12 },
      );
    },
    TIMEOUT_MS,
  );
});
