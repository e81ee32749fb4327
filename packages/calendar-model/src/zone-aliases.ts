/**
 * Names of zones, in small letters, that CLDR's `windowsZones` does not list (docs/reference/exchange.md §9.3): ids that
 * Exchange writes besides those of the Windows registry, ids of earlier Windows versions and of Exchange 2007, the names
 * of standard time that differ from the id, and abbreviations with one meaning.
 */
export const ZONE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['tzone://microsoft/utc', 'UTC'],
  ['utc', 'UTC'],
  ['coordinated universal time', 'UTC'],
  ['gmt', 'UTC'],
  ['z', 'UTC'],
  ['armenian standard time', 'Asia/Yerevan'],
  ['bangkok standard time', 'Asia/Bangkok'],
  ['cabo verde standard time', 'Atlantic/Cape_Verde'],
  ['gft standard time', 'Europe/Athens'],
  ['jerusalem standard time', 'Asia/Jerusalem'],
  ['kamchatka standard time', 'Asia/Kamchatka'],
  ['malay peninsula standard time', 'Asia/Singapore'],
  ['mexico standard time', 'America/Mexico_City'],
  ['mexico standard time 2', 'America/Mazatlan'],
  ['mid-atlantic standard time', 'Atlantic/South_Georgia'],
  ['novosibirsk standard time', 'Asia/Novosibirsk'],
  ['prague bratislava standard time', 'Europe/Prague'],
  ['saudi arabia standard time', 'Asia/Riyadh'],
  ['sydney standard time', 'Australia/Sydney'],
  ['warsaw standard time', 'Europe/Warsaw'],
  ['west bank gaza standard time', 'Asia/Hebron'],
  ['cest', 'CET'],
  ['mez', 'CET'],
  ['mesz', 'CET'],
  ['mest', 'MET'],
  ['eest', 'EET'],
  ['west', 'WET'],
  ['msk', 'Europe/Moscow'],
  ['msd', 'Europe/Moscow'],
  ['edt', 'America/New_York'],
  ['cdt', 'America/Chicago'],
  ['mdt', 'America/Denver'],
  ['pst', 'America/Los_Angeles'],
  ['pdt', 'America/Los_Angeles'],
]);

/** IANA's names without a region, in small letters. ICU knows more such names, several of which have two meanings. */
export const IANA_NAMES_WITHOUT_REGION: ReadonlySet<string> = new Set(
  (
    'cet met eet wet est mst hst est5edt cst6cdt mst7mdt pst8pdt cuba egypt eire gb gb-eire greenwich hongkong iceland ' +
    'iran israel jamaica japan kwajalein libya navajo nz nz-chat poland portugal prc roc rok singapore turkey uct ' +
    'universal w-su zulu gmt0 gmt+0 gmt-0'
  ).split(' '),
);

/** Zones of the Russian names `RTZ 1` to `RTZ 11` of standard time, by number. */
export const RUSSIAN_ZONES: readonly string[] = [
  'Europe/Kaliningrad',
  'Europe/Moscow',
  'Europe/Samara',
  'Asia/Yekaterinburg',
  'Asia/Omsk',
  'Asia/Krasnoyarsk',
  'Asia/Irkutsk',
  'Asia/Yakutsk',
  'Asia/Vladivostok',
  'Asia/Srednekolymsk',
  'Asia/Kamchatka',
];
