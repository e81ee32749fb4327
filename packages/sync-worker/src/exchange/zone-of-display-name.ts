import { allZones } from 'calendar-model';
import { standardOffset } from './zone-offsets.ts';

/** Display names that name no city. */
const WITHOUT_CITY: ReadonlyMap<string, string> = new Map([
  ['eastern time (us & canada)', 'America/New_York'],
  ['central time (us & canada)', 'America/Chicago'],
  ['mountain time (us & canada)', 'America/Denver'],
  ['pacific time (us & canada)', 'America/Los_Angeles'],
  ['atlantic time (canada)', 'America/Halifax'],
  ['arizona', 'America/Phoenix'],
  ['alaska', 'America/Anchorage'],
  ['hawaii', 'Pacific/Honolulu'],
  ['saskatchewan', 'America/Regina'],
  ['newfoundland', 'America/St_Johns'],
]);

/** Names under which IANA knows cities that Windows calls otherwise. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['kolkata', 'calcutta'],
  ['kathmandu', 'katmandu'],
  ['yangon', 'rangoon'],
]);

/**
 * The IANA zone of what Windows shows people as a zone, such as `(UTC+01:00) Amsterdam, Berlin`, or of its cities alone:
 * the zone of one of them, provided that it has that offset outside summer. Only English names are known.
 *
 * @returns null when this is no such name, or names no city that IANA knows
 */
export function zoneOfDisplayName(name: string): string | null {
  const [, sign, hours, minutes, shown] =
    /^\((?:UTC|GMT)(?:([+-])(\d{1,2}):(\d{2}))?\)\s*(.+)$/u.exec(name.trim()) ?? [];
  const places = (shown ?? name).trim().toLowerCase();
  const known = WITHOUT_CITY.get(places);
  if (known !== undefined) return known;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  const hasOffset = (zone: string) => shown === undefined || standardOffset(zone) === offset;
  const cities = new Set(places.split(',').map((place) => place.trim()));
  for (const city of [...cities]) cities.add(OTHER_NAMES.get(city) ?? city);
  return allZones().find((zone) => isPlace(zone) && cities.has(cityOf(zone)) && hasOffset(zone)) ?? null;
}

/** `Etc/GMT+12` is no place, and has the other sign. */
function isPlace(zone: string): boolean {
  return zone.includes('/') && !zone.startsWith('Etc/');
}

function cityOf(zone: string): string {
  return zone
    .slice(zone.lastIndexOf('/') + 1)
    .replaceAll('_', ' ')
    .toLowerCase();
}
