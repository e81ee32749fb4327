import { Temporal } from 'temporal-polyfill';
import { type CalendarWindow, overlapsWindow } from '../calendar-window.ts';
import type { Recurrence } from './recurrence.ts';
import { recurrenceDates } from './recurrence-dates.ts';

const DAY_MS = 86_400_000;
/** Between the UTC date of an instant and its date anywhere on earth lies at most one day. */
const SLACK_DAYS = 2;
/** How much old zone data is off. */
const MOST_WRONG = Temporal.Duration.from({ hours: 1 });
const MOST_DAYS_TO_FIRST = 366;

/** An occurrence that was changed: where it is now, and where the pattern had put it. */
export interface ModifiedOccurrence {
  readonly start: Date;
  readonly end: Date;
  readonly originalStart: Date;
}

/** What the expansion of a series needs of its master. */
export interface Series<Modified extends ModifiedOccurrence = ModifiedOccurrence> {
  readonly recurrence: Recurrence;
  /** Of the first occurrence; the later ones take its wall time and its length. */
  readonly start: Date;
  readonly end: Date;
  readonly isAllDay: boolean;
  /**
   * The zone of the series: an IANA name or fixed offset. Asked for an instant, because a zone that is known by rules
   * alone may have to be told as another offset in summer than in winter.
   */
  readonly zoneAt: (instant: Date) => string;
  /** Original starts of deleted occurrences. */
  readonly deleted: readonly Date[];
  readonly modified: readonly Modified[];
}

/** One occurrence of a series. */
export interface SeriesOccurrence<Modified extends ModifiedOccurrence = ModifiedOccurrence> {
  /** Local date of the original start in the series' zone: Exchange keeps at most one occurrence per date. */
  readonly date: string;
  readonly originalStart: Date;
  readonly start: Date;
  readonly end: Date;
  /** The exception that stands in its place; null for a plain occurrence. */
  readonly modified: Modified | null;
}

/**
 * What a series puts into a window, as an expanding Exchange server would list it (docs/reference/exchange.md §8.4), in
 * order of the original dates. Occurrences take the master's wall time in the series' zone: an hour that the clocks
 * skip counts as the one after it, one that comes twice as the first. An all-day occurrence lasts whole days of the
 * wall clock (23, 24 or 25 hours), another one as long as the master. Exceptions count by where they were moved to.
 */
export function expandSeries<Modified extends ModifiedOccurrence>(
  series: Series<Modified>,
  window: CalendarWindow,
): SeriesOccurrence<Modified>[] {
  const shift = daysOffPattern(series);
  const dateOf = (instant: Date) => dateAfter(wallIn(series, instant).toPlainDate(), -shift);
  const replaced = new Set([...series.deleted, ...series.modified.map((one) => one.originalStart)].map(dateOf));
  const timesOn = timetable(series, shift);
  const length = Math.ceil((series.end.getTime() - series.start.getTime()) / DAY_MS);
  const from = utcDate(window.from.getTime() - (length + SLACK_DAYS) * DAY_MS);
  const to = utcDate(window.to.getTime() + SLACK_DAYS * DAY_MS);
  const plain = recurrenceDates(series.recurrence, from, to)
    .filter((date) => !replaced.has(date))
    .map((date) => ({ date, ...timesOn(date), modified: null }));
  const exceptions = series.modified.map((modified) => {
    const { start, end, originalStart } = modified;
    return { date: dateOf(originalStart), originalStart, start, end, modified };
  });
  return [...plain, ...exceptions]
    .filter(({ start, end }) => overlapsWindow(window, start, end))
    .sort((a, b) => a.date.localeCompare(b.date));
}

/** The rule by which a series' dates get their times; wall times lie `shift` days after the date. */
function timetable(series: Series, shift: number) {
  const { start, end, isAllDay, zoneAt } = series;
  const begin = wallIn(series, start);
  const time = begin.toPlainTime();
  const lasts = begin.until(wallIn(series, end), { largestUnit: 'hours' }).hours;
  const days = Math.max(1, Math.round(lasts / 24));
  const length = end.getTime() - start.getTime();
  const usual = zoneAt(start);
  return (date: string): { originalStart: Date; start: Date; end: Date } => {
    const day = Temporal.PlainDate.from(date).add({ days: shift });
    const originalStart = instantOf(day.toPlainDateTime(time), zoneAt, usual);
    const until = isAllDay
      ? instantOf(day.add({ days }).toPlainDateTime(time), zoneAt, usual)
      : new Date(originalStart.getTime() + length);
    return { originalStart, start: originalStart, end: until };
  };
}

/**
 * What the clocks of a series show at an instant. All-day events begin and end at midnight, also where clocks skip it
 * and where a server's zone data is an hour off.
 */
function wallIn({ isAllDay, zoneAt }: Series, instant: Date): Temporal.PlainDateTime {
  const wall = wallOf(instant, zoneAt(instant));
  const midnight = wall.round('day');
  const off = Temporal.Duration.compare(wall.until(midnight).abs(), MOST_WRONG);
  return isAllDay && off <= 0 ? midnight : wall;
}

/**
 * The instant at which clocks show a wall time: of a time that comes twice the first, of one that is skipped the time
 * after the gap. The zone may be another one at that instant than at the series' start.
 */
function instantOf(wall: Temporal.PlainDateTime, zoneAt: Series['zoneAt'], usual: string): Date {
  const near = wall.toZonedDateTime(usual).epochMilliseconds;
  const zones = [near - DAY_MS, near, near + DAY_MS].map((at) => zoneAt(new Date(at)));
  const instants = [...new Set(zones)].flatMap((zone) =>
    (['earlier', 'later'] as const).map((disambiguation) => wall.toZonedDateTime(zone, { disambiguation })),
  );
  const shown = instants
    .map(({ epochMilliseconds }) => new Date(epochMilliseconds))
    .filter((instant) => wallOf(instant, zoneAt(instant)).equals(wall))
    .sort((a, b) => a.getTime() - b.getTime());
  return shown[0] ?? new Date(wall.toZonedDateTime(zones[0] ?? usual).epochMilliseconds);
}

/**
 * Days by which the series' first start is off the first date of its rule, as its zone's clocks tell: 0 unless these
 * clocks are up to an hour wrong just around midnight, as they are for a server with old zone data.
 */
function daysOffPattern(series: Series): number {
  const date = firstDate(series.recurrence, series.start);
  const wall = wallIn(series, series.start);
  const shown = wall.toPlainDate();
  if (date === null || shown.toString() === date) return 0;
  const near = [wall.subtract(MOST_WRONG), wall.add(MOST_WRONG)].map((moment) => moment.toPlainDate().toString());
  return near.includes(date) ? Temporal.PlainDate.from(date).until(shown).days : 0;
}

/**
 * The first date (`YYYY-MM-DD`) of a rule whose first occurrence is known to start at an instant.
 *
 * @returns null when the rule begins more than a year before or has no date by then
 */
export function firstDate(recurrence: Recurrence, start: Date): string | null {
  const { startDate } = recurrence.range;
  const last = utcDate(start.getTime() + SLACK_DAYS * DAY_MS);
  if (start.getTime() - Date.parse(startDate) > MOST_DAYS_TO_FIRST * DAY_MS) return null;
  return recurrenceDates(recurrence, startDate, last)[0] ?? null;
}

function dateAfter(date: Temporal.PlainDate, days: number): string {
  return (days === 0 ? date : date.add({ days })).toString();
}

function wallOf(instant: Date, zone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone).toPlainDateTime();
}

function utcDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
