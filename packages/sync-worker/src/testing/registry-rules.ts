import type { EwsZoneRules, EwsZoneTransition } from 'ews-client';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Clocks that change twice within less time do not exist. */
const PROBED_MS = 14 * DAY_MS;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A change of the clocks: when (unix ms), and what they show before and after (minutes east of UTC). */
interface Change {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** What the Windows registry knows of one year of a zone: an offset, or two yearly changes. */
interface YearRule {
  readonly year: number;
  /** At the year's beginning. */
  readonly offset: number;
  readonly changes: readonly Change[];
}

/** The rules of a zone as Exchange tells them, and what their clocks show. */
export interface RegistryZone {
  readonly rules: EwsZoneRules;
  /** Minutes east of UTC at an instant (unix ms) by these rules. */
  readonly offsetAt: (at: number) => number;
}

/** Minutes east of UTC that ICU shows in a zone at an instant (unix ms). */
export function icuOffset(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return (Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / MINUTE_MS) * MINUTE_MS) / MINUTE_MS;
  };
}

/** As `icuOffset`, quick to ask between two years: all changes of the clocks are looked for once. */
export function icuClock(zone: string, firstYear: number, lastYear: number): (at: number) => number {
  const offset = icuOffset(zone);
  const changes = changesBetween(offset, Date.UTC(firstYear, 0, 1), Date.UTC(lastYear + 1, 0, 1));
  const begin = offset(Date.UTC(firstYear, 0, 1));
  return (at) => changes.findLast((change) => change.at <= at)?.after ?? begin;
}

/**
 * The rules by which the Windows registry would tell an IANA zone: for each year one offset, or two changes on a weekday
 * of a month; where IANA has more changes in a year, its first and its last. A year with one change has another one at
 * its beginning. Years with equal rules are one group, and the last group goes on.
 */
export function registryZone(zone: string, firstYear: number, lastYear: number): RegistryZone {
  const offset = icuClock(zone, firstYear - 1, lastYear + 1);
  const years = Array.from({ length: lastYear - firstYear + 1 }, (_, index) => yearRule(offset, firstYear + index));
  const periods = new Map<string, number>();
  const groups: { id: string; transitions: EwsZoneTransition[] }[] = [];
  const transitions: EwsZoneTransition[] = [];
  let last = '';
  for (const rule of years) {
    const content = transitionsOf(rule, periods);
    if (JSON.stringify(content) === last) continue;
    last = JSON.stringify(content);
    const to = { kind: 'group', id: String(groups.length) } as const;
    groups.push({ id: to.id, transitions: content });
    const wallTime = `${rule.year}-01-01T00:00:00`;
    transitions.push(transitions.length === 0 ? { type: 'always', to } : { type: 'absolute', to, wallTime });
  }
  return {
    rules: {
      periods: [...periods].map(([id, minutes]) => ({ id, name: id, offsetMinutes: minutes })),
      groups,
      transitions,
    },
    offsetAt: (at) => shownBy(years, at),
  };
}

function yearRule(offset: (at: number) => number, year: number): YearRule {
  const [from, to] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
  const begin = from - offset(from) * MINUTE_MS;
  const end = to - offset(to) * MINUTE_MS;
  const changes = changesBetween(offset, begin, end);
  const [first, last] = [changes[0], changes.at(-1)];
  const kept = changes.length > 2 && first && last ? [first, last].filter((one) => one.before !== one.after) : changes;
  return { year, offset: offset(begin), changes: isPair(kept) ? kept : kept.slice(0, 1) };
}

function changesBetween(offset: (at: number) => number, from: number, to: number): Change[] {
  const changes: Change[] = [];
  for (let at = from; at < to; at += PROBED_MS) {
    const next = Math.min(at + PROBED_MS, to);
    if (offset(at) !== offset(next)) changes.push(changeBetween(offset, at, next));
  }
  return changes;
}

/** Whether two changes undo each other, as those of one year must. */
function isPair([first, last]: readonly Change[]): boolean {
  return first !== undefined && last !== undefined && first.after === last.before && first.before === last.after;
}

function changeBetween(offset: (at: number) => number, from: number, to: number): Change {
  let [low, high] = [from, to];
  const before = offset(from);
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offset(middle) === before) low = middle;
    else high = middle;
  }
  return { at: high, before, after: offset(high) };
}

function transitionsOf({ year, offset, changes }: YearRule, periods: Map<string, number>): EwsZoneTransition[] {
  const to = (minutes: number) => {
    periods.set(`offset ${minutes}`, minutes);
    return { kind: 'period', id: `offset ${minutes}` } as const;
  };
  if (changes.length === 0) return [{ type: 'always', to: to(offset) }];
  const yearly = changes.map(({ at, before, after }) => dayOf(at + before * MINUTE_MS, to(after)));
  if (changes.length === 2) return yearly;
  return [dayOf(Date.UTC(year, 0, 1), to(offset), true), ...yearly];
}

/** A change as Windows writes it; one at midnight comes at the end of the day before, but for that of New Year. */
function dayOf(wall: number, to: EwsZoneTransition['to'], isNewYear = false): EwsZoneTransition {
  const isMidnight = wall % DAY_MS === 0 && !isNewYear;
  const day = new Date(isMidnight ? wall - HOUR_MS : wall);
  const date = day.getUTCDate();
  const lastDate = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  return {
    type: 'recurringDay',
    to,
    timeMinutes: isMidnight ? 1440 : (wall % DAY_MS) / MINUTE_MS,
    month: day.getUTCMonth() + 1,
    dayOfWeek: DAYS[day.getUTCDay()] ?? '',
    occurrence: date + 7 > lastDate ? -1 : Math.ceil(date / 7),
  };
}

function shownBy(years: readonly YearRule[], at: number): number {
  const rule =
    years.findLast(({ year, offset }) => Date.UTC(year, 0, 1) - offset * MINUTE_MS <= at) ?? (years[0] as YearRule);
  return rule.changes.findLast((change) => change.at <= at)?.after ?? rule.offset;
}
