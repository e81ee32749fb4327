import { allZones, fixedOffsetZone, ianaZone } from 'calendar-model';
import type { EwsZoneRules } from 'ews-client';
import { RulesClock } from './rules-clock.ts';
import { offsetsOf } from './zone-offsets.ts';

const HOUR_MS = 3_600_000;
const MONTHS = 12;
/** Rules of the years before are not compared: Windows has few of them, and some are wrong. */
const FIRST_YEAR = 2010;
const LAST_YEAR = 2037;
/** Windows rounds some changes of the past; the zone of one country differs from another's by more. */
const LEAST_AGREEMENT = 0.9;

/** The zone of the rules that come with a zone's name. */
export class RuledZone {
  readonly clock: RulesClock;
  readonly #preferred: readonly string[];
  readonly #byYear = new Map<number, string | null>();
  #ofAllYears: string | null | undefined;

  private constructor(clock: RulesClock, preferred: readonly string[]) {
    this.clock = clock;
    this.#preferred = preferred;
  }

  /**
   * @param preferred zones that the rest of the definition points to, the likeliest first
   * @returns null when the rules say nothing that could be used
   */
  static of(rules: EwsZoneRules, preferred: readonly string[] = []): RuledZone | null {
    const clock = RulesClock.of(rules);
    return clock && new RuledZone(clock, [...registryZones(rules), ...preferred]);
  }

  /**
   * The IANA zone whose clocks run as the rules say in the year of an instant and the years around it: a preferred one,
   * else the one that agrees with the rules of other years too, else any. Where there is none, or the rules know one
   * offset alone, it is the offset that they give at the instant, as a zone that never changes.
   */
  zoneAt(instant: Date): string {
    const year = instant.getUTCFullYear();
    const known = this.#byYear.get(year);
    const zone = known === undefined ? this.#find(year) : known;
    this.#byYear.set(year, zone);
    return zone ?? fixedOffsetZone(this.clock.offsetAt(instant.getTime()));
  }

  #find(year: number): string | null {
    const agrees = agreement(this.clock, [year]);
    const whole = (zone: string) => agrees(zone) === 1;
    const preferred = this.#preferred.find(whole);
    if (preferred !== undefined || this.clock.isFixed) return preferred ?? null;
    if (this.#ofAllYears === undefined) this.#ofAllYears = this.#findOfAllYears();
    if (this.#ofAllYears !== null && whole(this.#ofAllYears)) return this.#ofAllYears;
    // Of an offset that stays, only other years tell whose it is.
    return this.clock.changesAround(year).length > 0 ? (allZones().find(whole) ?? null) : null;
  }

  /** The zone that agrees best with the rules of all years, and wholly with those in force at last. */
  #findOfAllYears(): string | null {
    const { years } = this.clock;
    if (years === null) return null;
    const lastYear = Math.min(years.last, LAST_YEAR);
    const atLast = agreement(this.clock, [lastYear]);
    const candidates = allZones().filter((zone) => atLast(zone) === 1);
    const firstYear = Math.min(Math.max(FIRST_YEAR, years.first - 1), lastYear);
    const inAll = agreement(
      this.clock,
      Array.from({ length: lastYear - firstYear + 1 }, (_, index) => firstYear + index),
    );
    const [best] = candidates.map((zone) => ({ zone, share: inAll(zone) })).sort((a, b) => b.share - a.share);
    return best !== undefined && best.share >= LEAST_AGREEMENT ? best.zone : null;
  }
}

/** Zones that the ids of periods name, such as `trule:Microsoft/Registry/Russian Standard Time/2015-Standard`. */
function registryZones({ periods }: EwsZoneRules): string[] {
  const names = periods.flatMap(({ id }) => /\/Registry\/([^/]+)\//u.exec(id)?.[1] ?? []);
  return [...new Set(names)].flatMap((name) => ianaZone(name) ?? []);
}

/** How well zones agree with rules in some years: the share of instants at which both have the same offset. */
function agreement(clock: RulesClock, years: readonly number[]): (zone: string) => number {
  // Before and after each change, and in every month.
  const instants = years.flatMap((year) => [
    ...clock.changesAround(year).flatMap(({ at }) => [at - HOUR_MS, at + HOUR_MS]),
    ...Array.from({ length: MONTHS }, (_, month) => Date.UTC(year, month, 15)),
  ]);
  const probes = [...new Set(instants)].map((at) => ({ at, shown: clock.offsetAt(at) }));
  const wanted = probes.length * LEAST_AGREEMENT;
  return (zone) => {
    const offset = offsetsOf(zone);
    let wrong = 0;
    for (const { at, shown } of probes) {
      if (offset(at) !== shown && ++wrong > probes.length - wanted) return 0;
    }
    return 1 - wrong / probes.length;
  };
}
