import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { fixedOffsetZone, ianaZone } from './time-zones.ts';

const windowsIds = [
  ...new Set(windowsZones.supplemental.windowsZones.mapTimezones.map(({ mapZone }) => mapZone._other)),
];
const noon = Temporal.Instant.from('2026-01-15T12:00:00Z');

/** Minutes east of UTC; throws for a zone that Temporal does not accept. */
function offset(zone: string | null, instant = noon): number {
  return instant.toZonedDateTimeISO(zone ?? 'none').offsetNanoseconds / 60e9;
}

describe('ianaZone', () => {
  it.each(windowsIds)('knows %s, in any case', (id) => {
    const zone = ianaZone(id);
    expect(Number.isFinite(offset(zone))).toBe(true);
    expect(ianaZone(` ${id.toUpperCase()} `)).toBe(zone);
  });

  it.each([
    ['W. Europe Standard Time', 'Europe/Berlin'],
    ['Russian Standard Time', 'Europe/Moscow'],
    ['GMT Standard Time', 'Europe/London'],
    ['tzone://Microsoft/Utc', 'UTC'],
    ['UTC', 'UTC'],
    ['GMT', 'UTC'],
    ['Kamchatka Standard Time', 'Asia/Kamchatka'],
    ['Mid-Atlantic Standard Time', 'Atlantic/South_Georgia'],
    ['Europe/Paris', 'Europe/Paris'],
    ['europe/paris', 'Europe/Paris'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['America/Port-au-Prince', 'America/Port-au-Prince'],
    ['Etc/GMT-14', 'Etc/GMT-14'],
    ['America/New York', 'America/New_York'],
    ['"Europe/Berlin"', 'Europe/Berlin'],
    ['russian STANDARD  time', 'Europe/Moscow'],
    ['W. Europe Daylight Time', 'Europe/Berlin'],
    ['Pacific Standard Time 1', 'America/Los_Angeles'],
    ['Mexico Standard Time', 'America/Mexico_City'],
    ['Mexico Standard Time 2', 'America/Mazatlan'],
    ['Armenian Standard Time', 'Asia/Yerevan'],
    ['Malay Peninsula Standard Time', 'Asia/Singapore'],
    ['Jerusalem Standard Time', 'Asia/Jerusalem'],
    ['CET', 'Europe/Brussels'],
    ['MET', 'Europe/Brussels'],
    ['eet', 'Europe/Athens'],
    ['WET', 'Europe/Lisbon'],
    ['EST5EDT', 'America/New_York'],
    ['MST7MDT', 'America/Denver'],
    ['CEST', 'Europe/Brussels'],
    ['MSK', 'Europe/Moscow'],
    ['/freeassociation.sourceforge.net/Europe/Moscow', 'Europe/Moscow'],
    ['/freeassociation.sourceforge.net/Tzfile/Europe/Berlin', 'Europe/Berlin'],
    ['/mozilla.org/20050126_1/Europe/Berlin', 'Europe/Berlin'],
    ['/citadel.org/20210210_1/America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['/example.com/Russian Standard Time', 'Europe/Moscow'],
    ['/example.com/CET', 'Europe/Brussels'],
  ])('takes %s for %s', (id, zone) => {
    const found = ianaZone(id);
    // Which of two names of one zone comes back is the matter of the running ICU data.
    expect(found === zone || offset(found) === offset(zone)).toBe(true);
  });

  it.each(
    [
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
    ].map((zone, index) => [index + 1, zone] as const),
  )('takes the Russian zone RTZ %i for %s', (number, zone) => {
    const names = ['зима', 'лето'].map((season) => `RTZ ${number} (${season})`);
    for (const name of [...names, `RTZ ${number}`, `Russia TZ ${number} Standard Time`])
      expect(ianaZone(name)).toBe(zone);
  });

  it.each([
    '',
    'RTZ 12 (зима)',
    'CST',
    'IST',
    '/example.com/Nowhere',
    'tzone://Microsoft/Custom',
    'Customized Time Zone',
    'Mitteleuropäische Zeit',
    '(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna',
    'Europe/Nowhere',
    '+01:00',
    '../../etc/passwd',
    '__proto__',
  ])('does not guess what %j is', (id) => {
    expect(ianaZone(id)).toBeNull();
  });

  it('gives null or a zone that clocks can be read in, whatever it is given', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z_]{1,9}\/[A-Za-z0-9_+-]{1,9}$/));
    fc.assert(
      fc.property(text, (id) => {
        const zone = ianaZone(id);
        expect(zone === null || Number.isFinite(offset(zone))).toBe(true);
      }),
    );
  });
});

describe('fixedOffsetZone', () => {
  it.each([
    [0, 'UTC'],
    [60, 'Etc/GMT-1'],
    [-60, 'Etc/GMT+1'],
    [14 * 60, 'Etc/GMT-14'],
    [13 * 60, 'Etc/GMT-13'],
    [-12 * 60, 'Etc/GMT+12'],
    [-13 * 60, '-13:00'],
    [15 * 60, '+15:00'],
    [330, '+05:30'],
    [-570, '-09:30'],
    [0.4, 'UTC'],
  ])('of %d minutes is %s', (minutes, zone) => {
    expect(fixedOffsetZone(minutes)).toBe(zone);
  });

  it('is a zone of that very offset in summer and winter', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1439, max: 1439 }), (minutes) => {
        const zone = fixedOffsetZone(minutes);
        expect([offset(zone), offset(zone, noon.add({ hours: 24 * 180 }))]).toEqual([minutes, minutes]);
        expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
      }),
    );
  });

  it.each([1440, -1440, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d minutes', (minutes) => {
    expect(() => fixedOffsetZone(minutes)).toThrow(RangeError);
  });
});
