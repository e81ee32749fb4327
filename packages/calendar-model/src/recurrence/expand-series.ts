import { Temporal } from 'temporal-polyfill';
import { type CalendarWindow, overlapsWindow } from '../calendar-window.ts';
import { localDate } from '../local-date.ts';
import type { Recurrence } from './recurrence.ts';
import { recurrenceDates } from './recurrence-dates.ts';

const DAY_MS = 86_400_000;
/** Between the UTC date of an instant and its date anywhere on earth lies at most one day. */
const SLACK_DAYS = 2;

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
  const dateOf = (instant: Date) => localDate(instant, series.zoneAt(instant));
  const replaced = new Set([...series.deleted, ...series.modified.map((one) => one.originalStart)].map(dateOf));
  const timesOn = timetable(series);
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

/** The rule by which a series' dates get their times. */
function timetable({ start, end, isAllDay, zoneAt }: Series) {
  const zone = zoneAt(start);
  const begin = wallOf(start, zone);
  const time = begin.toPlainTime();
  const days = begin.toPlainDate().until(wallOf(end, zoneAt(end)).toPlainDate()).days;
  const length = end.getTime() - start.getTime();
  const instantOf = (wall: Temporal.PlainDateTime): Date => {
    const near = new Date(wall.toZonedDateTime(zone).epochMilliseconds);
    const exact = zoneAt(near);
    return exact === zone ? near : new Date(wall.toZonedDateTime(exact).epochMilliseconds);
  };
  return (date: string): { originalStart: Date; start: Date; end: Date } => {
    const day = Temporal.PlainDate.from(date);
    const originalStart = instantOf(day.toPlainDateTime(time));
    const until = isAllDay
      ? instantOf(day.add({ days }).toPlainDateTime())
      : new Date(originalStart.getTime() + length);
    return { originalStart, start: originalStart, end: until };
  };
}

function wallOf(instant: Date, zone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone).toPlainDateTime();
}

function utcDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
