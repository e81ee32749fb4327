import { allZones, fixedOffsetZone } from 'calendar-model';
import type { EwsZoneRules, EwsZoneTransition } from 'ews-client';
import { offsetsOf } from './zone-offsets.ts';

type Yearly = Extract<EwsZoneTransition, { readonly type: 'recurringDay' | 'recurringDate' }>;

interface Change {
  readonly at: number;
  readonly offset: number;
}

const HOUR_MS = 3_600_000;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const FARTHEST_MINUTES = 14 * 60;

/** What zone rules mean in one year: the zone at an instant of it, or null when they say nothing that could be used. */
export type RuledZone = (instant: Date) => string | null;

/**
 * The IANA zone whose clocks change in a year as the rules say that Exchange sends with a custom zone. Where no zone
 * does, it is the offset that they give at the instant, as a zone that never changes.
 */
export function zoneOfRules(rules: EwsZoneRules, year: number): RuledZone {
  const offsets = new Map(rules.periods.map(({ id, offsetMinutes }) => [id, offsetMinutes]));
  const known = [...offsets.values()];
  if (known.length === 0 || known.some((offset) => Math.abs(offset) > FARTHEST_MINUTES)) return () => null;
  const changes = changesAround(rules, offsets, year);
  if (changes.length === 0) return () => (known.length === 1 ? fixedOffsetZone(known[0] ?? 0) : null);
  const probes = changes.flatMap(({ at }) => [at - HOUR_MS, at + HOUR_MS]);
  const same = allZones().find((zone) => {
    const offset = offsetsOf(zone);
    return probes.every((at) => offset(at) === offsetAt(changes, at));
  });
  return (instant) => same ?? fixedOffsetZone(offsetAt(changes, instant.getTime()));
}

/** The changes of the clocks from the year before to the year after, in order. */
function changesAround(rules: EwsZoneRules, offsets: ReadonlyMap<string, number>, year: number): Change[] {
  const yearly = groupInForce(rules, year).filter((rule) => offsets.has(rule.to.id));
  const found: Change[] = [];
  for (const aYear of [year - 1, year, year + 1]) {
    const local = yearly.map((rule) => ({ wall: wallTime(rule, aYear), offset: offsets.get(rule.to.id) ?? 0 }));
    for (const { wall, offset } of local.sort((a, b) => a.wall - b.wall)) {
      // Rules name the wall time before the change; that of the first one found is the other offset's.
      const before = found.at(-1)?.offset ?? local.at(-1)?.offset ?? offset;
      found.push({ at: wall - before * 60_000, offset });
    }
  }
  return found;
}

/** The yearly changes that hold in a year: those of the group that the last transition before its end leads to. */
function groupInForce({ groups, transitions }: EwsZoneRules, year: number): Yearly[] {
  const end = `${year + 1}-01-01`;
  const led = transitions.filter(({ to }) => to.kind === 'group');
  const begun = led.filter((transition) => transition.type !== 'absolute' || transition.wallTime < end);
  const id = (begun.at(-1) ?? led[0])?.to.id;
  const group = groups.find((candidate) => candidate.id === id) ?? groups.at(-1);
  return (group?.transitions ?? []).filter(
    (transition): transition is Yearly => transition.type === 'recurringDay' || transition.type === 'recurringDate',
  );
}

/** Milliseconds of a change in its year as if its wall clock showed UTC. */
function wallTime(rule: Yearly, year: number): number {
  const time = rule.timeMinutes * 60_000;
  if (rule.type === 'recurringDate') return Date.UTC(year, rule.month - 1, rule.day) + time;
  const weekday = DAYS.indexOf(rule.dayOfWeek);
  if (rule.occurrence < 0) {
    const last = new Date(Date.UTC(year, rule.month, 0));
    return last.setUTCDate(last.getUTCDate() - ((last.getUTCDay() - weekday + 7) % 7)) + time;
  }
  const first = new Date(Date.UTC(year, rule.month - 1, 1));
  const day = 1 + ((weekday - first.getUTCDay() + 7) % 7) + (rule.occurrence - 1) * 7;
  return first.setUTCDate(day) + time;
}

function offsetAt(changes: readonly Change[], at: number): number {
  const passed = changes.filter((change) => change.at <= at).at(-1);
  // Before the first change it is as after the last of a year.
  return (passed ?? changes.at(-1))?.offset ?? 0;
}
