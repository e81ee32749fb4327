import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };
import type { EwsTimeZone } from 'ews-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { ExchangeZones } from '../../exchange/exchange-zone.ts';
import { knowAllZones } from '../../exchange/zone-offsets.ts';
import { icuClock, type RegistryZone, registryZone } from '../../testing/registry-rules.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const [FIRST_YEAR, LAST_YEAR] = [2015, 2035];
const FROM = Date.UTC(FIRST_YEAR, 0, 1);
const TO = Date.UTC(LAST_YEAR + 1, 0, 1);
/** `ZONE_INSTANTS=400` tries as many instants for each zone as the full table has. */
const INSTANTS = Number(process.env.ZONE_INSTANTS ?? 8);

/** The zones of the Windows registry: CLDR's, and two that it leaves out. */
const table = [
  ...windowsZones.supplemental.windowsZones.mapTimezones
    .filter(({ mapZone }) => mapZone._territory === '001')
    .map(({ mapZone }) => ({ id: mapZone._other, iana: mapZone._type.split(' ')[0] ?? '' })),
  { id: 'Kamchatka Standard Time', iana: 'Asia/Kamchatka' },
  { id: 'Mid-Atlantic Standard Time', iana: 'Atlantic/South_Georgia' },
].map((row, place) => ({ ...row, place }));

const registry = new Map<string, RegistryZone>();
const icu = new Map<string, (at: number) => number>();
const zones = new ExchangeZones();

beforeAll(async () => {
  await knowAllZones();
  for (const { id, iana } of table) registry.set(id, registryZone(iana, FIRST_YEAR - 5, LAST_YEAR));
}, 60_000);

const tried = new Map<string, readonly number[]>();

/** Instants of the years of the table, others for each zone, every other one within a day of a change of its clocks. */
function instantsOf({ id, iana, place }: (typeof table)[number]): readonly number[] {
  const known = tried.get(id);
  if (known !== undefined) return known;
  const step = (TO - FROM) / INSTANTS;
  const instants = Array.from({ length: INSTANTS }, (_, index) => {
    const at = FROM + Math.floor((step * (index + ((place * 7919) % 1000) / 1000)) / (15 * MINUTE_MS)) * 15 * MINUTE_MS;
    return index % 2 === 0 ? at : nearChange(iana, at, index);
  });
  tried.set(id, instants);
  return instants;
}

function nearChange(iana: string, at: number, index: number): number {
  const shown = shownIn(iana, at);
  for (let day = at; day < Math.min(at + 366 * DAY_MS, TO); day += DAY_MS) {
    if (shownIn(iana, day + DAY_MS) !== shown) return day + (((index * 5) % 24) * DAY_MS) / 24;
  }
  return at;
}

function shownIn(zone: string, at: number): number {
  const known = icu.get(zone) ?? icuClock(zone, FIRST_YEAR - 6, LAST_YEAR + 2);
  icu.set(zone, known);
  return known(at);
}

const zoneOf = (given: Partial<EwsTimeZone>): EwsTimeZone => ({ id: null, name: null, rules: null, ...given });
const registered = (id: string) => registry.get(id) as RegistryZone;

/** `(UTC+03:00) Ort`, with the offset of the zone's standard time today, in no language that names its cities. */
function localName(iana: string): string {
  const minutes = Math.min(shownIn(iana, Date.UTC(2026, 0, 1)), shownIn(iana, Date.UTC(2026, 6, 1)));
  const size = Math.abs(minutes);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `(UTC${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}) Ort`;
}

/** The first moment of the date that clocks show at an instant. */
function midnightOf(offsetAt: (at: number) => number, at: number): { instant: Date; date: string } {
  const midnight = Math.floor((at + offsetAt(at) * MINUTE_MS) / DAY_MS) * DAY_MS;
  const date = new Date(midnight).toISOString().slice(0, 10);
  const offsets = [...new Set([-1, 0, 1].map((days) => offsetAt(midnight + days * DAY_MS)))];
  const possible = offsets.map((offset) => midnight - offset * MINUTE_MS).sort((a, b) => a - b);
  const exact = possible.find((instant) => instant + offsetAt(instant) * MINUTE_MS === midnight);
  // A midnight that clocks skip: by the offset before.
  return { instant: new Date(exact ?? (possible.at(-1) as number)), date };
}

/** Offsets that a zone gets for a timed event, and the clocks of its dates, where they are not as they should be. */
function wrongOffsets(
  zone: EwsTimeZone,
  instants: readonly number[],
  right: (at: number) => readonly number[],
): string[] {
  return instants.flatMap((at) => {
    const item = { start: new Date(at), isAllDay: false };
    const found = [zones.of(zone, item), zones.clockOf(zone, item)];
    return found
      .filter((name) => !right(at).includes(shownIn(name, at)))
      .map((name) => `${item.start.toISOString()}: ${name} instead of ${right(at).join(' or ')} minutes`);
  });
}

/** All-day events of one to three days that do not get the dates that they were planned for. */
function wrongDates(zone: EwsTimeZone, instants: readonly number[], offsetAt: (at: number) => number): string[] {
  return instants.flatMap((at, index) => {
    const first = midnightOf(offsetAt, at);
    const last = midnightOf(offsetAt, first.instant.getTime() + ((index % 3) + 1.1) * DAY_MS);
    if (last.date <= first.date) return [];
    const item = { start: first.instant, end: last.instant, isAllDay: true };
    const { startDate, endDate } = zones.allDayDates(zone, item);
    const isRight = startDate === first.date && endDate === last.date;
    return isRight ? [] : [`${first.date}..${last.date} became ${startDate}..${endDate}`];
  });
}

// The full table takes its time.
describe('the zones of Windows', { timeout: 10_000 + INSTANTS * 250 }, () => {
  it('are 141, and IANA agrees with their rules nearly always', () => {
    expect(table).toHaveLength(141);
    const compared = table.flatMap((row) =>
      instantsOf(row).map((at) => registered(row.id).offsetAt(at) === shownIn(row.iana, at)),
    );
    expect(compared.filter(Boolean).length / compared.length).toBeGreaterThan(0.97);
  });

  it.each(table)('$id by its id has the offsets of IANA', (row) => {
    const instants = instantsOf(row);
    const shown = (at: number) => shownIn(row.iana, at);
    expect(wrongOffsets(zoneOf({ id: row.id }), instants, (at) => [shown(at)])).toEqual([]);
    expect(wrongDates(zoneOf({ id: row.id }), instants, shown)).toEqual([]);
  });

  it.each(table)('$id with the rules of another zone has the dates that these rules mean', (row) => {
    const other = table[(row.place + 17) % table.length] as (typeof table)[number];
    const { rules, offsetAt } = registered(other.id);
    expect(wrongDates(zoneOf({ id: row.id, rules }), instantsOf(other), offsetAt)).toEqual([]);
  });

  it.each(table)('$id by its rules alone, under a custom id, has their offsets and dates', (row) => {
    const { rules, offsetAt } = registered(row.id);
    const zone = zoneOf({ id: 'tzone://Microsoft/Custom', rules });
    expect(wrongOffsets(zone, instantsOf(row), (at) => [offsetAt(at)])).toEqual([]);
    expect(wrongDates(zone, instantsOf(row), offsetAt)).toEqual([]);
  });

  it.each(table)('$id by a localized name with rules has the offsets and dates of the rules', (row) => {
    const { rules, offsetAt } = registered(row.id);
    const zone = zoneOf({ id: localName(row.iana), name: localName(row.iana), rules });
    expect(wrongOffsets(zone, instantsOf(row), (at) => [offsetAt(at)])).toEqual([]);
    expect(wrongDates(zone, instantsOf(row), offsetAt)).toEqual([]);
  });

  it.each(table)('$id by a localized name alone has at least the offset in the name', (row) => {
    const [, sign, hours, minutes] = /UTC([+-])(\d\d):(\d\d)/u.exec(localName(row.iana)) ?? [];
    const inName = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
    const right = (at: number) => [inName, shownIn(row.iana, at)];
    expect(wrongOffsets(zoneOf({ id: localName(row.iana) }), instantsOf(row), right)).toEqual([]);
  });
});
