import { allZones, fixedOffsetZone, ianaZone } from 'calendar-model';
import type { EwsZoneRules } from 'ews-client';
import { RulesClock } from './rules-clock.ts';
import { offsetsOf } from './zone-offsets.ts';

const HOUR_MS = 3_600_000;
const MONTHS = 12;
/** Rules of the years before are not compared: Windows has few of them, and some are wrong. */
const FIRST_YEAR = 2010;
const LAST_YEAR = 2037;
/** Windows rounds some changes of the past; a zone of one country differs from another's by more. */
const LEAST_AGREEMENT = 0.9;

/** The zone of rules, and the clocks that run by them. */
export interface RuledZone {
  readonly clock: RulesClock;
  /** The IANA zone at an instant of the year asked for. */
  readonly zoneAt: (instant: Date) => string;
}

/**
 * The IANA zone whose clocks run in a year, and the years around it, as the rules say that Exchange sends with a zone.
 * Among several it is a preferred one, else the one that agrees best in other years. Where no zone does, or the rules
 * know one offset alone, it is the offset that they give at the instant, as a zone that never changes.
 *
 * @param preferred zones that the rest of the definition points to, the likeliest first
 * @returns null when the rules say nothing that could be used
 */
export function zoneOfRules(rules: EwsZoneRules, year: number, preferred: readonly string[] = []): RuledZone | null {
  const clock = RulesClock.of(rules);
  if (clock === null) return null;
  const hinted = [...registryZones(rules), ...preferred];
  const zone = matchingZone(clock, year, hinted);
  return { clock, zoneAt: (instant) => zone ?? fixedOffsetZone(clock.offsetAt(instant.getTime())) };
}

/** Zones that the ids of periods name, such as `trule:Microsoft/Registry/Russian Standard Time/2015-Standard`. */
function registryZones({ periods }: EwsZoneRules): string[] {
  const names = periods.flatMap(({ id }) => /\/Registry\/([^/]+)\//u.exec(id)?.[1] ?? []);
  return [...new Set(names)].flatMap((name) => ianaZone(name) ?? []);
}

function matchingZone(clock: RulesClock, year: number, hinted: readonly string[]): string | null {
  const near = probesOf(clock, [year]);
  const agrees = (zone: string) => {
    const offset = offsetsOf(zone);
    return near.every(({ at, shown }) => offset(at) === shown);
  };
  const hint = hinted.find(agrees);
  if (hint !== undefined) return hint;
  if (clock.isFixed) return null;
  const candidates = allZones().filter(agrees);
  const far = probesOf(clock, comparedYears(clock, year));
  const agreement = (zone: string) => {
    const offset = offsetsOf(zone);
    return far.filter(({ at, shown }) => offset(at) === shown).length / far.length;
  };
  const [best] = candidates.map((zone) => ({ zone, share: agreement(zone) })).sort((a, b) => b.share - a.share);
  if (best === undefined) return null;
  // Of an offset that stays, only the past tells whose it is.
  return clock.changesAround(year).length > 0 || best.share >= LEAST_AGREEMENT ? best.zone : null;
}

/** Instants at which zones show whether they agree: before and after each change, and each month. */
function probesOf(clock: RulesClock, years: readonly number[]): { at: number; shown: number }[] {
  const instants = years.flatMap((year) => [
    ...clock.changesAround(year).flatMap(({ at }) => [at - HOUR_MS, at + HOUR_MS]),
    ...Array.from({ length: MONTHS }, (_, month) => Date.UTC(year, month, 15)),
  ]);
  return instants.map((at) => ({ at, shown: clock.offsetAt(at) }));
}

function comparedYears(clock: RulesClock, year: number): number[] {
  const { first, last } = clock.years ?? { first: year, last: year };
  const from = Math.max(FIRST_YEAR, Math.min(first - 1, year));
  const to = Math.min(LAST_YEAR, Math.max(last, year));
  return Array.from({ length: Math.max(1, to - from + 1) }, (_, index) => from + index);
}
