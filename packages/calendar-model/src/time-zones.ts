import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };

/** Ids that Exchange writes besides those of the Windows registry, and ids that CLDR does not list (ews.md §9). */
const KNOWN_ALIASES: ReadonlyMap<string, string> = new Map([
  ['tzone://microsoft/utc', 'UTC'],
  ['utc', 'UTC'],
  ['coordinated universal time', 'UTC'],
  ['gmt', 'Europe/London'],
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

/** `Etc/GMT±h` for a whole-hour offset in minutes east of UTC, else the `±hh:mm` form that ECMAScript accepts. */
export function fixedOffsetZone(minutesEast: number): string {
  if (minutesEast === 0) return 'UTC';
  const sign = minutesEast < 0 ? '-' : '+';
  const size = Math.abs(minutesEast);
  if (size % 60 === 0 && size <= 12 * 60) return `Etc/GMT${sign === '+' ? '-' : '+'}${size / 60}`;
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
