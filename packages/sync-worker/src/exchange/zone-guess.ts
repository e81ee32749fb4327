import { firstDate, fixedOffsetZone, localDate } from 'calendar-model';
import type { EwsCalendarItem } from 'ews-client';
import { midnightDate, offsetOfMidnight } from './midnights.ts';
import { offsetsOf, standardOffset } from './zone-offsets.ts';

const MINUTE_MS = 60_000;
const SUMMER_MINUTES = 60;
const FARTHEST_MINUTES = 14 * 60;
const MINUTES_PER_DAY = 1440;
/** No series leaves its date for summer time if its hour is so far from midnight. */
const FROM_MIDNIGHT_MINUTES = 120;

/** The first occurrence of a series. */
export interface FirstOccurrence {
  readonly start: Date;
  /** The date (`YYYY-MM-DD`) on which the series' rule puts it, in the series' zone. */
  readonly date: string;
}

const firsts = new WeakMap<EwsCalendarItem, FirstOccurrence | null>();

/** Where the rule of a series puts its first occurrence; null where the rule could not be read. */
export function firstOccurrence(master: EwsCalendarItem): FirstOccurrence | null {
  const known = firsts.get(master);
  if (known !== undefined) return known;
  const { start, recurrence } = master;
  const date = recurrence && firstDate(recurrence, start);
  const first = date === null ? null : { start, date };
  firsts.set(master, first);
  return first;
}

/** What is known of an item whose zone is not. */
export interface Clues {
  readonly start: Date;
  readonly isAllDay: boolean;
  readonly first?: FirstOccurrence | null;
  /** Minutes east of UTC outside summer that a name tells; null when none does. */
  readonly offset: number | null;
  /** Zones of other items in the mailbox, the one most used first. */
  readonly usual: readonly string[];
}

/**
 * A zone that fits what an item tells: the one most used in the mailbox, else one that never changes; UTC when nothing
 * is known.
 */
export function guessedZone(clues: Clues): string {
  const { start, isAllDay, first = null, offset, usual } = clues;
  const begin = first?.start ?? start;
  const fits = (zone: string) =>
    (!isAllDay || midnightDate(start, offsetsOf(zone)) !== null) &&
    (first === null || localDate(first.start, zone) === first.date);
  const hasOffset = (zone: string) =>
    offset === null || standardOffset(zone) === offset || offsetsOf(zone)(begin.getTime()) === offset;
  const fixed = offset === null ? [] : [offset, offset + SUMMER_MINUTES].map(fixedOffsetZone);
  const found = usual.find((zone) => hasOffset(zone) && fits(zone)) ?? fixed.find(fits);
  if (found !== undefined) return found;
  // An all-day event begins at its creator's midnight (docs/reference/exchange.md §9.5), which tells the offset.
  if (isAllDay)
    return fixedOffsetZone(offsetOfMidnight(start, first === null ? (offset ?? undefined) : offsetOfDate(first)));
  const byDate = first === null || fits('UTC') ? null : zoneByFirstDate(first);
  return byDate ?? fixedOffsetZone(offset ?? 0);
}

/**
 * A zone that never changes in which a series begins on the date of its rule, with an hour that summer time does not
 * take to another date: its occurrences have the same dates there as in the series' true zone.
 *
 * @returns null when there is none, because the rule's date is not that of the first occurrence anywhere
 */
export function zoneByFirstDate(first: FirstOccurrence): string | null {
  const least = offsetOfDate(first);
  if (least > FARTHEST_MINUTES || least + MINUTES_PER_DAY <= -FARTHEST_MINUTES) return null;
  const from = Math.min(least + FROM_MIDNIGHT_MINUTES, FARTHEST_MINUTES);
  const to = Math.max(least + MINUTES_PER_DAY - FROM_MIDNIGHT_MINUTES, -FARTHEST_MINUTES);
  return fixedOffsetZone(Math.min(Math.max(0, from), to));
}

/** The offset (minutes) of a place where the date begins as the first occurrence starts. */
function offsetOfDate({ start, date }: FirstOccurrence): number {
  return (Date.parse(`${date}T00:00:00Z`) - start.getTime()) / MINUTE_MS;
}
