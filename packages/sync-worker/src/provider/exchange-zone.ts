import { fixedOffsetZone, ianaZone } from 'calendar-model';
import type { EwsTimeZone } from 'ews-client';

const MINUTES_PER_DAY = 1440;

/**
 * The IANA zone in which an item was planned: by its id, then its name (foreign calendars write IANA names there), then
 * by what the instants tell. An item never fails for its zone, since start and end are exact without it.
 */
export function itemZone(zone: EwsTimeZone | null, item: { readonly start: Date; readonly isAllDay: boolean }): string {
  const named = (zone?.id && ianaZone(zone.id)) || (zone?.name && ianaZone(zone.name));
  if (named) return named;
  const [onlyPeriod, another] = zone?.rules?.periods ?? [];
  if (onlyPeriod !== undefined && another === undefined) return fixedOffsetZone(onlyPeriod.offsetMinutes);
  // An all-day event begins at its creator's midnight (ews.md §9), which tells the offset.
  return item.isAllDay ? fixedOffsetZone(offsetOfMidnight(item.start)) : 'UTC';
}

/** Minutes east of UTC of the place where it is midnight at `instant`, from -11:59 to +12:00. */
function offsetOfMidnight(instant: Date): number {
  const sinceUtcMidnight = instant.getUTCHours() * 60 + instant.getUTCMinutes();
  return sinceUtcMidnight < MINUTES_PER_DAY / 2 ? -sinceUtcMidnight : MINUTES_PER_DAY - sinceUtcMidnight;
}
