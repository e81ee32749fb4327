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
 * The IANA zone of what Windows shows people as a zone, such as `(UTC+01:00) Amsterdam, Berlin`: the zone of one of its
 * cities, provided that it has that offset outside summer. Only English names are known.
 *
 * @returns null when this is no such name, or of nobody's city
 */
export function zoneOfDisplayName(name: string): string | null {
  const [, sign, hours, minutes, places] =
    /^\((?:UTC|GMT)(?:([+-])(\d{1,2}):(\d{2}))?\)\s*(.+)$/u.exec(name.trim()) ?? [];
  if (places === undefined) return null;
  const told = WITHOUT_CITY.get(places.toLowerCase());
  if (told !== undefined) return told;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  const cities = new Set(places.split(',').map((place) => place.trim().toLowerCase()));
  for (const city of [...cities]) cities.add(OTHER_NAMES.get(city) ?? city);
  return allZones().find((zone) => cities.has(cityOf(zone)) && standardOffset(zone) === offset) ?? null;
}

function cityOf(zone: string): string {
  return zone
    .slice(zone.lastIndexOf('/') + 1)
    .replaceAll('_', ' ')
    .toLowerCase();
}
