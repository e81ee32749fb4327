import { setImmediate } from 'node:timers/promises';
import { allZones } from 'calendar-model';

/** Making what knows a zone, and its first answer, take a millisecond: so many at once hold nobody up. */
const MADE_PER_TURN = 5;

type Offsets = (at: number) => number;

const known = new Map<string, Offsets>();
let all: Promise<void> | undefined;

/** Minutes east of UTC that clocks in a zone show at an instant (unix ms). */
export function offsetsOf(zone: string): Offsets {
  const made = known.get(zone) ?? make(zone);
  known.set(zone, made);
  return made;
}

/** Minutes east of UTC outside summer, in either hemisphere. */
export function standardOffset(zone: string): number {
  const offset = offsetsOf(zone);
  return Math.min(offset(Date.UTC(2026, 0, 1)), offset(Date.UTC(2026, 6, 1)));
}

/** Gets to know all zones, by and by: whoever looks for one among them afterwards holds nobody up. */
export function knowAllZones(): Promise<void> {
  all ??= makeAll();
  return all;
}

async function makeAll(): Promise<void> {
  for (const [place, zone] of allZones().entries()) {
    offsetsOf(zone)(0);
    if (place % MADE_PER_TURN === MADE_PER_TURN - 1) await setImmediate();
  }
}

function make(zone: string): Offsets {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/u.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  };
}
