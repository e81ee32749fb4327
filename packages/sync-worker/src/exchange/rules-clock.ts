import type { EwsZoneRules, EwsZoneTarget, EwsZoneTransition } from 'ews-client';

type Yearly = Extract<EwsZoneTransition, { readonly type: 'recurringDay' | 'recurringDate' }>;

/** What holds between two dates: offsets that change each year, or one that stays. */
interface Regime {
  /** Minutes east of UTC. */
  readonly yearly: readonly { readonly rule: Yearly; readonly offset: number }[];
  readonly fixed: number | null;
}

/** From when on a regime holds. Wall times are milliseconds as if the wall clock showed UTC. */
interface Step {
  readonly from: number;
  readonly regime: Regime;
}

/** A change of the clocks: when (unix ms), and what they show afterwards (minutes east of UTC). */
export interface ClockChange {
  readonly at: number;
  readonly offset: number;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const FARTHEST_MINUTES = 14 * 60;
/** A group may lead to another group; rules that lead round in a circle say nothing. */
const MOST_GROUPS_PASSED = 4;
const MOST_YEARS_KEPT = 100;

/** Clocks that run by the rules that come with a zone (docs/reference/exchange.md §9.2). */
export class RulesClock {
  readonly #steps: readonly Step[];
  readonly #years = new Map<number, readonly [ClockChange, ...ClockChange[]]>();

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  /** @returns null when the rules say nothing that could be used, or name offsets that no clock has */
  static of(rules: EwsZoneRules): RulesClock | null {
    const offsets = rules.periods.map(({ offsetMinutes }) => offsetMinutes);
    if (offsets.length === 0 || offsets.some((offset) => Math.abs(offset) > FARTHEST_MINUTES)) return null;
    const steps = stepsOf(rules);
    if (steps.length > 0) return new RulesClock(steps);
    const [only] = offsets;
    return only !== undefined && new Set(offsets).size === 1
      ? new RulesClock([{ from: Number.NEGATIVE_INFINITY, regime: { yearly: [], fixed: only } }])
      : null;
  }

  /** Whether the clocks never change. */
  get isFixed(): boolean {
    const offsets = this.#steps.flatMap(({ regime }) =>
      regime.fixed === null ? regime.yearly.map(({ offset }) => offset) : [regime.fixed],
    );
    return new Set(offsets).size === 1;
  }

  /** The first and last year for which the rules name a date; null when they are the same for all years. */
  get years(): { readonly first: number; readonly last: number } | null {
    const named = this.#steps.map(({ from }) => from).filter(Number.isFinite);
    const [first, last] = [named[0], named.at(-1)];
    if (first === undefined || last === undefined) return null;
    return { first: new Date(first).getUTCFullYear(), last: new Date(last).getUTCFullYear() };
  }

  /** Minutes east of UTC that the clocks show at an instant (unix ms). */
  offsetAt(at: number): number {
    const changes = this.#around(new Date(at).getUTCFullYear());
    return (changes.findLast((change) => change.at <= at) ?? changes[0]).offset;
  }

  /** The changes from the year before a year to the year after it, in order. */
  changesAround(year: number): readonly ClockChange[] {
    return this.#around(year).slice(1);
  }

  /** As `changesAround`, after an entry that tells what held before. */
  #around(year: number): readonly [ClockChange, ...ClockChange[]] {
    const known = this.#years.get(year);
    if (known !== undefined) return known;
    if (this.#years.size >= MOST_YEARS_KEPT) this.#years.clear();
    const begin = Date.UTC(year - 1, 0, 1);
    const end = Date.UTC(year + 2, 0, 1);
    const before = offsetOn(this.#stepAt(begin).regime, begin);
    const changes: [ClockChange, ...ClockChange[]] = [{ at: Number.NEGATIVE_INFINITY, offset: before }];
    let offset = before;
    for (const { wall, to } of this.#wallChanges(begin, end)) {
      // Rules name the wall time before the change.
      if (to !== offset) changes.push({ at: wall - offset * 60_000, offset: to });
      offset = to;
    }
    this.#years.set(year, changes);
    return changes;
  }

  #stepAt(wall: number): Step {
    return this.#steps.findLast(({ from }) => from <= wall) ?? (this.#steps[0] as Step);
  }

  #wallChanges(begin: number, end: number): { wall: number; to: number }[] {
    const found: { wall: number; to: number }[] = [];
    for (const [place, { from, regime }] of this.#steps.entries()) {
      const until = Math.min(this.#steps[place + 1]?.from ?? end, end);
      if (until <= begin) continue;
      if (from >= begin && from < end) found.push({ wall: from, to: offsetOn(regime, from) });
      for (let year = yearOf(begin); year <= yearOf(end); year++) {
        for (const { rule, offset } of regime.yearly) {
          const wall = wallTime(rule, year);
          if (wall >= begin && wall > from && wall < until) found.push({ wall, to: offset });
        }
      }
    }
    return found.sort((a, b) => a.wall - b.wall);
  }
}

/** The regimes in order of time; the first one holds from the beginning. */
function stepsOf(rules: EwsZoneRules): Step[] {
  const steps = rules.transitions.flatMap((transition): Step[] => {
    const regime = isYearly(transition) ? null : regimeOf(rules, transition.to);
    const from = transition.type === 'absolute' ? Date.parse(`${transition.wallTime}Z`) : Number.NEGATIVE_INFINITY;
    return regime === null || Number.isNaN(from) ? [] : [{ from, regime }];
  });
  const direct = yearlyRegime(rules, rules.transitions);
  if (direct !== null) steps.unshift({ from: Number.NEGATIVE_INFINITY, regime: direct });
  const last = rules.groups.at(-1);
  if (steps.length === 0 && last !== undefined) {
    const regime = regimeOf(rules, { kind: 'group', id: last.id });
    if (regime !== null) steps.push({ from: Number.NEGATIVE_INFINITY, regime });
  }
  steps.sort((a, b) => (a.from === b.from ? 0 : a.from - b.from));
  const [first] = steps;
  if (first !== undefined) steps[0] = { ...first, from: Number.NEGATIVE_INFINITY };
  return steps;
}

/** What a transition leads to; null when that is nowhere. */
function regimeOf(rules: EwsZoneRules, to: EwsZoneTarget, passed = 0): Regime | null {
  const period = () => rules.periods.find(({ id }) => id === to.id)?.offsetMinutes;
  if (to.kind === 'period') {
    const fixed = period();
    return fixed === undefined ? null : { yearly: [], fixed };
  }
  const group = rules.groups.find(({ id }) => id === to.id);
  if (group === undefined || passed > MOST_GROUPS_PASSED) return null;
  const yearly = yearlyRegime(rules, group.transitions);
  if (yearly !== null) return yearly;
  for (const transition of [...group.transitions].reverse()) {
    const regime = regimeOf(rules, transition.to, passed + 1);
    if (regime !== null) return regime;
  }
  return null;
}

function yearlyRegime({ periods }: EwsZoneRules, transitions: readonly EwsZoneTransition[]): Regime | null {
  const yearly = transitions.filter(isYearly).flatMap((rule) => {
    const period = periods.find(({ id }) => id === rule.to.id);
    return period === undefined ? [] : [{ rule, offset: period.offsetMinutes }];
  });
  return yearly.length === 0 ? null : { yearly, fixed: null };
}

function isYearly(transition: EwsZoneTransition): transition is Yearly {
  return transition.type === 'recurringDay' || transition.type === 'recurringDate';
}

/** What clocks show under a regime at a wall time, a change at that very moment included. */
function offsetOn({ yearly, fixed }: Regime, wall: number): number {
  if (fixed !== null) return fixed;
  const year = yearOf(wall);
  const passed = [year - 1, year]
    .flatMap((aYear) => yearly.map(({ rule, offset }) => ({ wall: wallTime(rule, aYear), offset })))
    .filter((change) => change.wall <= wall)
    .sort((a, b) => a.wall - b.wall);
  return passed.at(-1)?.offset ?? 0;
}

/** When a yearly change comes in a year. */
function wallTime(rule: Yearly, year: number): number {
  const time = rule.timeMinutes * 60_000;
  if (rule.type === 'recurringDate') return Date.UTC(year, rule.month - 1, rule.day) + time;
  const weekday = DAYS.indexOf(rule.dayOfWeek);
  const last = new Date(Date.UTC(year, rule.month, 0));
  const lastDay = last.getUTCDate() - ((last.getUTCDay() - weekday + 7) % 7);
  const first = new Date(Date.UTC(year, rule.month - 1, 1));
  const firstDay = 1 + ((weekday - first.getUTCDay() + 7) % 7);
  // Windows counts the last one as the fifth, also in months that have four.
  const day = rule.occurrence < 0 ? lastDay : Math.min(lastDay, firstDay + (rule.occurrence - 1) * 7);
  return Date.UTC(year, rule.month - 1, day) + time;
}

function yearOf(wall: number): number {
  // What has no beginning is never asked for.
  return new Date(wall).getUTCFullYear();
}
