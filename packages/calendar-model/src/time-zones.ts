import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };

/**
 * Ids that Exchange writes besides those of the Windows registry, and ids that CLDR does not list
 * (docs/reference/exchange.md §9.3).
 */
const KNOWN_ALIASES: ReadonlyMap<string, string> = new Map([
  ['tzone://microsoft/utc', 'UTC'],
  ['utc', 'UTC'],
  ['coordinated universal time', 'UTC'],
  ['gmt', 'UTC'],
  ['kamchatka standard time', 'Asia/Kamchatka'],
  ['mid-atlantic standard time', 'Atlantic/South_Georgia'],
]);

const windowsToIana: ReadonlyMap<string, string> = new Map(
  windowsZones.supplemental.windowsZones.mapTimezones
    .filter(({ mapZone }) => mapZone._territory === '001')
    .map(({ mapZone }) => [mapZone._other.toLowerCase(), mapZone._type.split(' ')[0] ?? 'UTC']),
);

/**
 * The IANA zone for what Exchange calls a zone: a Windows id (CLDR `windowsZones`, territory 001), an alias, or an
 * IANA name that a foreign calendar left there.
 *
 * @returns null for custom, empty and localized ids; the caller then falls back on the offset at the event's start
 */
export function ianaZone(exchangeZoneId: string): string | null {
  const id = exchangeZoneId.trim().toLowerCase();
  return KNOWN_ALIASES.get(id) ?? windowsToIana.get(id) ?? knownIana(exchangeZoneId.trim());
}

/**
 * All zones, those first that stand for a Windows zone: of several whose clocks agree the one that people know comes
 * before the others.
 */
export function allZones(): readonly string[] {
  return [...new Set([...windowsToIana.values(), ...Intl.supportedValuesOf('timeZone')])];
}

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
  if (!/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+$/u.test(name)) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
