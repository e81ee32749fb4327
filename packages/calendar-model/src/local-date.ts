import { Temporal } from 'temporal-polyfill';

const MIDNIGHT = new Temporal.PlainTime();

/** The calendar date (`YYYY-MM-DD`) that clocks in `zone` (IANA) show at an instant. */
export function localDate(instant: Date, zone: string): string {
  return zoned(instant, zone).toPlainDate().toString();
}

/** The instant at which `date` (`YYYY-MM-DD`) begins in `zone`; in a zone that skips midnight, its first moment. */
export function startOfLocalDate(date: string, zone: string): Date {
  const start = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone });
  return new Date(start.epochMilliseconds);
}

export interface AllDayDates {
  readonly startDate: string;
  /** Exclusive, as in iCalendar. */
  readonly endDate: string;
}

/**
 * The dates of an all-day event: Exchange stores it midnight to midnight in its creator's zone
 * (docs/reference/exchange.md §9.5). Where neither end is a midnight (the zone was changed later), the start is rounded
 * down and the end up.
 */
export function allDayDates(start: Date, end: Date, zone: string): AllDayDates {
  const first = zoned(start, zone).toPlainDate();
  const last = zoned(end, zone);
  // Where clocks are set back at 1:00 (Havana, Azores) midnight comes twice; both end the day before.
  const endsAtMidnight = last.startOfDay().equals(last) || last.toPlainTime().equals(MIDNIGHT);
  const endDate = endsAtMidnight ? last.toPlainDate() : last.toPlainDate().add({ days: 1 });
  const atLeast = first.add({ days: 1 });
  return {
    startDate: first.toString(),
    endDate: (Temporal.PlainDate.compare(endDate, atLeast) < 0 ? atLeast : endDate).toString(),
  };
}

function zoned(instant: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone);
}
