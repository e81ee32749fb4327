import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };

interface MapZone {
  readonly mapZone: { readonly _other: string; readonly _territory: string; readonly _type: string };
}

const MAPPINGS: readonly MapZone[] = windowsZones.supplemental.windowsZones.mapTimezones;

const IANA_BY_WINDOWS = new Map(
  MAPPINGS.filter(({ mapZone }) => mapZone._territory === '001').map(({ mapZone }) => [
    mapZone._other.toLowerCase(),
    mapZone._type.split(' ')[0] ?? 'UTC',
  ]),
);

const WINDOWS_BY_IANA = new Map(
  MAPPINGS.flatMap(({ mapZone }) =>
    mapZone._type.split(' ').map((iana) => [iana.toLowerCase(), mapZone._other] as const),
  ),
);

/** The IANA zone of a Windows time zone id by CLDR's territory-independent default; undefined for an unknown id. */
export function ianaOfWindowsZone(windowsId: string): string | undefined {
  return IANA_BY_WINDOWS.get(windowsId.toLowerCase());
}

/** The Windows id of an IANA zone, old and new names alike; undefined when CLDR lists none. */
export function windowsZoneOfIana(iana: string): string | undefined {
  const direct = WINDOWS_BY_IANA.get(iana.toLowerCase());
  if (direct !== undefined) return direct;
  // CLDR keeps former names (Asia/Katmandu, Asia/Calcutta): the runtime knows which names mean the same zone.
  const canonical = canonicalName(iana);
  if (canonical === undefined) return undefined;
  const same = [...WINDOWS_BY_IANA].find(([name]) => canonicalName(name) === canonical);
  return same?.[1];
}

function canonicalName(iana: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: iana }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** All Windows ids with their IANA zone. */
export function allWindowsZones(): { id: string; iana: string }[] {
  return MAPPINGS.filter(({ mapZone }) => mapZone._territory === '001').map(({ mapZone }) => ({
    id: mapZone._other,
    iana: mapZone._type.split(' ')[0] ?? 'UTC',
  }));
}
