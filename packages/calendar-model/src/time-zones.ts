import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };
import { IANA_NAMES_WITHOUT_REGION, RUSSIAN_ZONES, ZONE_ALIASES } from './zone-aliases.ts';

const windowsToIana: ReadonlyMap<string, string> = new Map(
  windowsZones.supplemental.windowsZones.mapTimezones
    .filter(({ mapZone }) => mapZone._territory === '001')
    .map(({ mapZone }) => [mapZone._other.toLowerCase(), mapZone._type.split(' ')[0] ?? 'UTC']),
);

/** `Russian Daylight Time` is the summer name of what is called `Russian Standard Time`. */
const SUMMER_NAME = / (?:daylight|summer) time$/u;
/** iCalendar files of Outlook number the copies of one zone: `W. Europe Standard Time 1`. */
const COPY_NUMBER = / \d{1,2}$/u;
/** Windows' Russian names, of standard time or of summer time: `RTZ 2 (зима)`, in English `Russia TZ 2 Standard Time`. */
const RUSSIAN_NAME = /^(?:rtz|ртз|russia tz) ?(\d{1,2})(?: ?\(.*\)| (?:standard|daylight) time)?$/u;
/** More parts than `America/Argentina/Buenos_Aires` no IANA name has. */
const MOST_PARTS = 3;

/**
 * The IANA zone for what Exchange calls a zone: a Windows id (CLDR `windowsZones`, territory 001), an alias, or an
 * IANA name that a foreign calendar left there, also behind a prefix (RFC 5545 §3.2.19). Case does not matter.
 *
 * @returns null for custom, empty and localized ids; the caller then falls back on the offset at the event's start
 */
export function ianaZone(exchangeZoneId: string): string | null {
  const name = exchangeZoneId
    .trim()
    .replace(/^"(.*)"$/u, '$1')
    .trim();
  const id = name.toLowerCase().replace(/\s+/gu, ' ');
  const standard = id.replace(SUMMER_NAME, ' standard time');
  return (
    windowsZone(id) ??
    windowsZone(standard) ??
    windowsZone(standard.replace(COPY_NUMBER, '')) ??
    russianZone(id) ??
    knownIana(name.replaceAll(' ', '_')) ??
    prefixedZone(name)
  );
}

function windowsZone(id: string): string | null {
  return ZONE_ALIASES.get(id) ?? windowsToIana.get(id) ?? null;
}

function russianZone(id: string): string | null {
  const [, number] = RUSSIAN_NAME.exec(id) ?? [];
  return number === undefined ? null : (RUSSIAN_ZONES[Number(number) - 1] ?? null);
}

/** The zone at the end of a globally unique TZID such as `/freeassociation.sourceforge.net/Europe/Moscow`. */
function prefixedZone(name: string): string | null {
  if (!name.startsWith('/')) return null;
  const parts = name.split('/').filter((part) => part !== '');
  for (let count = Math.min(MOST_PARTS, parts.length); count > 0; count--) {
    const end = parts.slice(-count).join('/');
    const zone = windowsZone(end.toLowerCase()) ?? knownIana(end);
    if (zone !== null) return zone;
  }
  return null;
}

/**
 * All zones, those first that stand for a Windows zone: of several whose clocks agree the one that people know comes
 * before the others.
 */
export function allZones(): readonly string[] {
  zones ??= [...new Set([...windowsToIana.values(), ...Intl.supportedValuesOf('timeZone')])];
  return zones;
}

let zones: readonly string[] | undefined;

/** IANA has fixed zones for the whole hours in between. */
const FARTHEST_WEST = -12 * 60;
const FARTHEST_EAST = 14 * 60;

/**
 * A zone that never changes its clocks: `Etc/GMT±h` (whose sign is turned round) for whole hours, else the `±hh:mm` form
 * that ECMAScript accepts.
 *
 * @param minutesEast offset east of UTC; parts of a minute are rounded away
 * @throws RangeError for an offset of a day or more
 */
export function fixedOffsetZone(minutesEast: number): string {
  const minutes = Math.round(minutesEast);
  if (!(Math.abs(minutes) < 24 * 60)) throw new RangeError(`no clock is ${minutesEast} minutes away from UTC`);
  if (minutes === 0) return 'UTC';
  const sign = minutes < 0 ? '-' : '+';
  const size = Math.abs(minutes);
  if (size % 60 === 0 && minutes >= FARTHEST_WEST && minutes <= FARTHEST_EAST)
    return `Etc/GMT${sign === '+' ? '-' : '+'}${size / 60}`;
  return `${sign}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
}

function knownIana(name: string): string | null {
  if (!/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+$/u.test(name) && !IANA_NAMES_WITHOUT_REGION.has(name.toLowerCase()))
    return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
