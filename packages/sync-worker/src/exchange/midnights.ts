import type { AllDayDates } from 'calendar-model';

/** Minutes east of UTC that clocks show at an instant (unix ms). */
export type Offsets = (at: number) => number;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MINUTES_PER_DAY = 1440;
/** A midnight that a change of the clocks skips or repeats is one by the clocks of so long before or after. */
const AROUND_CHANGE_MS = 3 * 3_600_000;
/** Both ends of an event are midnights of one place if its clocks changed by no more in between (Troll in Antarctica). */
const LARGEST_CHANGE_MINUTES = 120;
const FARTHEST_WEST = -12 * 60;
const FARTHEST_EAST = 14 * 60;
/**
 * Midnights up to here after UTC's are taken for those of the west (Hawaii at 10:00), later ones for those of the east:
 * New Zealand in summer, Samoa and Tonga at 11:00, not American Samoa and Niue. Without a zone nothing distinguishes them.
 */
const LATEST_MIDNIGHT_OF_THE_WEST = 10 * 60;

/** The dates of an event, each end judged by the midnight of its own side of a change; null unless both are midnights. */
export function datesOfMidnights(start: Date, end: Date, offsets: Offsets): AllDayDates | null {
  const [startDate, endDate] = [midnightDate(start, offsets), midnightDate(end, offsets)];
  return startDate === null || endDate === null ? null : atLeastOneDay(startDate, endDate);
}

/** The date that begins at an instant by these clocks; null when it is no midnight. */
export function midnightDate(instant: Date, offsets: Offsets): string | null {
  const at = instant.getTime();
  for (const near of [at, at - AROUND_CHANGE_MS, at + AROUND_CHANGE_MS]) {
    const wall = at + offsets(near) * MINUTE_MS;
    if (wall % DAY_MS === 0) return dateOfWall(wall);
  }
  return null;
}

/**
 * The dates of an event by the midnight that each end is somewhere.
 *
 * @param near offset (minutes) that the place is thought to have
 * @param within how far from it the true offset may be
 * @returns null when the ends are no midnights of one such place
 */
export function datesNearOffset(start: Date, end: Date, near: number, within: number): AllDayDates | null {
  const first = offsetOfMidnight(start, near);
  const last = offsetOfMidnight(end, first);
  if (Math.abs(first - near) > within || Math.abs(last - first) > LARGEST_CHANGE_MINUTES) return null;
  return datesOfMidnights(start, end, (at) => (at === start.getTime() ? first : last));
}

/**
 * Minutes east of UTC of a place where it is midnight at an instant.
 *
 * @param near chooses the place whose offset is nearest to it; without, one from -10:00 to +13:59
 */
export function offsetOfMidnight(instant: Date, near?: number): number {
  const sinceUtcMidnight = instant.getUTCHours() * 60 + instant.getUTCMinutes();
  const west = sinceUtcMidnight === 0 ? 0 : -sinceUtcMidnight;
  const east = MINUTES_PER_DAY - sinceUtcMidnight;
  if (near === undefined) return sinceUtcMidnight <= LATEST_MIDNIGHT_OF_THE_WEST ? west : east;
  const possible = [west, east].filter((offset) => offset >= FARTHEST_WEST && offset <= FARTHEST_EAST);
  const [nearest] = possible.sort((a, b) => Math.abs(a - near) - Math.abs(b - near));
  return nearest ?? west;
}

function atLeastOneDay(startDate: string, endDate: string): AllDayDates {
  if (endDate > startDate) return { startDate, endDate };
  return { startDate, endDate: dateOfWall(Date.parse(`${startDate}T00:00:00Z`) + DAY_MS) };
}

function dateOfWall(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10);
}
