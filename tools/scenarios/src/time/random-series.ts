import {
  type DayOfWeek,
  type DayOfWeekIndex,
  type Recurrence,
  type RecurrencePattern,
  type RecurrenceRange,
  recurrenceDates,
} from 'calendar-model';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';

const WEEKDAYS: readonly DayOfWeek[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const CHOICES: readonly DayOfWeek[] = [...WEEKDAYS, 'Day', 'Weekday', 'WeekendDay'];
const INDEXES: readonly DayOfWeekIndex[] = ['First', 'Second', 'Third', 'Fourth', 'Last'];
/** Both hemispheres, odd offsets, half-hour summers, a skipped midnight, and the far ends of the earth. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Asia/Calcutta',
  'Africa/Cairo',
  'Asia/Beirut',
];

const interval = fc.integer({ min: 1, max: 5 });
const month = fc.integer({ min: 1, max: 12 });
const dayOfMonth = fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 28, max: 31 }));
const relative = { dayOfWeek: fc.constantFrom(...CHOICES), index: fc.constantFrom(...INDEXES) };

const patterns: fc.Arbitrary<RecurrencePattern> = fc.oneof(
  fc.record({ type: fc.constant('daily' as const), interval }),
  fc.record({
    type: fc.constant('weekly' as const),
    interval,
    daysOfWeek: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
    firstDayOfWeek: fc.constantFrom(...WEEKDAYS),
  }),
  fc.record({ type: fc.constant('absoluteMonthly' as const), interval, dayOfMonth }),
  fc.record({ type: fc.constant('relativeMonthly' as const), interval, ...relative }),
  fc.record({ type: fc.constant('absoluteYearly' as const), dayOfMonth, month }),
  fc.record({ type: fc.constant('relativeYearly' as const), ...relative, month }),
);

const dates = fc
  .integer({ min: 0, max: 4_000 })
  .map((days) => Temporal.PlainDate.from('2016-01-01').add({ days }).toString());

const ranges: fc.Arbitrary<RecurrenceRange> = dates.chain((startDate) =>
  fc.oneof(
    fc.constant({ type: 'noEnd' as const, startDate }),
    fc.integer({ min: 0, max: 3_000 }).map((days) => ({
      type: 'endDate' as const,
      startDate,
      endDate: Temporal.PlainDate.from(startDate).add({ days }).toString(),
    })),
    fc.record({
      type: fc.constant('numbered' as const),
      startDate: fc.constant(startDate),
      occurrences: fc.integer({ min: 1, max: 300 }),
    }),
  ),
);

export const recurrences: fc.Arbitrary<Recurrence> = fc.record({ pattern: patterns, range: ranges });

/** A series with what happened to it, in wall times of its zone (`YYYY-MM-DDTHH:MM:SS`). */
export interface RandomSeries {
  readonly recurrence: Recurrence;
  readonly zone: string;
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  readonly exceptions: readonly { readonly originalDate: string; readonly start: string; readonly end: string }[];
  readonly deletedDates: readonly string[];
  /** A span of 60 days in which, or near which, something of it happens. */
  readonly window: { readonly from: Date; readonly to: Date };
}

const WINDOW_DAYS = 60;

/** Exchange refuses a series that never happens. */
const livingRecurrences = recurrences.filter(
  ({ range, ...rule }) =>
    range.type !== 'endDate' || recurrenceDates({ ...rule, range }, range.startDate, range.endDate).length > 0,
);

export const randomSeries: fc.Arbitrary<RandomSeries> = fc
  .record({
    recurrence: livingRecurrences,
    zone: fc.constantFrom(...ZONES),
    allDay: fc.boolean(),
    startMinutes: fc.integer({ min: 0, max: 95 }).map((quarters) => quarters * 15),
    minutes: fc.integer({ min: 1, max: 80 }).map((quarters) => quarters * 15),
    ahead: fc.integer({ min: -30, max: 2_500 }),
    fates: fc.array(
      fc.record({
        nth: fc.nat(20),
        moved: fc.option(fc.integer({ min: -40 * 96, max: 40 * 96 }), { freq: 2 }),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ recurrence, zone, allDay, startMinutes, minutes, ahead, fates }) => {
    const first = Temporal.PlainDate.from(recurrence.range.startDate);
    const time = allDay ? new Temporal.PlainTime() : new Temporal.PlainTime().add({ minutes: startMinutes });
    const from = first.add({ days: ahead });
    const to = from.add({ days: WINDOW_DAYS });
    // Days around the window as well, so that exceptions are moved into and out of it.
    const near = recurrenceDates(recurrence, from.subtract({ days: 40 }).toString(), to.add({ days: 40 }).toString());
    const length = allDay ? { days: 1 } : { minutes };
    const chosen = new Map(fates.map((fate) => [near[fate.nth % Math.max(1, near.length)], fate.moved] as const));
    const fate = [...chosen].flatMap(([date, moved]) => (date === undefined ? [] : [{ date, moved }]));
    const begin = first.toPlainDateTime(time);
    return {
      recurrence,
      zone,
      allDay,
      start: wall(begin),
      end: wall(begin.add(length)),
      exceptions: fate.flatMap(({ date, moved }) => {
        if (moved === null) return [];
        const shift = allDay ? { days: Math.round(moved / 96) } : { minutes: moved * 15 };
        const start = Temporal.PlainDate.from(date).toPlainDateTime(time).add(shift);
        return [{ originalDate: date, start: wall(start), end: wall(start.add(length)) }];
      }),
      deletedDates: fate.flatMap(({ date, moved }) => (moved === null ? [date] : [])),
      window: { from: utcMidnight(from), to: utcMidnight(to) },
    };
  });

function wall(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: 'second' });
}

function utcMidnight(date: Temporal.PlainDate): Date {
  return new Date(date.toZonedDateTime('UTC').epochMilliseconds);
}
