import { Temporal } from 'temporal-polyfill';

/** A half-open span of time: `from` belongs to it, `to` does not. */
export interface CalendarWindow {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The span that is cached around a day: whole UTC days, `backward` months before it to `forward` months after it.
 *
 * @param now any instant of the day
 * @param months how many months before and after are kept (`cache.backward`, `cache.forward`)
 */
export function calendarWindow(
  now: Date,
  months: { readonly backward: number; readonly forward: number },
): CalendarWindow {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO('UTC').toPlainDate();
  return {
    from: utcMidnight(today.subtract({ months: months.backward })),
    to: utcMidnight(today.add({ months: months.forward }).add({ days: 1 })),
  };
}

/** Whether something lasting from `start` to `end` is in the window; a zero-length event counts at its start. */
export function overlapsWindow(window: CalendarWindow, start: Date, end: Date): boolean {
  return start < window.to && (end > window.from || (end.getTime() === start.getTime() && start >= window.from));
}

/**
 * The two halves of a window, parted at a whole second, for a server that refuses it whole.
 * @throws RangeError for a window under two seconds: halving it would never end
 */
export function halveWindow(window: CalendarWindow): [CalendarWindow, CalendarWindow] {
  const [from, to] = [window.from.getTime(), window.to.getTime()];
  if (!(to - from >= 2000)) throw new RangeError(`a window of ${to - from} ms cannot be halved`);
  const middle = new Date(Math.floor((from + to) / 2000) * 1000);
  return [
    { from: window.from, to: middle },
    { from: middle, to: window.to },
  ];
}

function utcMidnight(date: Temporal.PlainDate): Date {
  return new Date(date.toZonedDateTime('UTC').epochMilliseconds);
}
