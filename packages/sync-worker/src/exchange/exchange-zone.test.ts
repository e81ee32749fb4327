import type { EwsTimeZone, EwsZoneRules, EwsZoneTransition } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { ExchangeZones } from './exchange-zone.ts';

const zones = new ExchangeZones();
const day = { start: new Date('2026-07-14T22:00:00Z'), isAllDay: true };
const hour = { start: new Date('2026-07-14T09:00:00Z'), isAllDay: false };
const zone = (given: Partial<EwsTimeZone>): EwsTimeZone => ({ id: null, name: null, rules: null, ...given });

function changing(month: number, occurrence: number, timeMinutes: number, period: string): EwsZoneTransition {
  return {
    type: 'recurringDay',
    to: { kind: 'period', id: period },
    timeMinutes,
    month,
    dayOfWeek: 'Sunday',
    occurrence,
  };
}

function rules(standard: number, summer: number, transitions: EwsZoneTransition[]): EwsZoneRules {
  return {
    periods: [
      { id: 'standard', name: 'Standard', offsetMinutes: standard },
      { id: 'summer', name: 'Daylight', offsetMinutes: summer },
    ],
    groups: [{ id: '0', transitions }],
    transitions: [{ type: 'always', to: { kind: 'group', id: '0' } }],
  };
}

const european = rules(60, 120, [changing(3, -1, 120, 'summer'), changing(10, -1, 180, 'standard')]);
/** Nobody's: as in Europe, but half an hour off. */
const invented = rules(75, 135, [changing(3, -1, 120, 'summer'), changing(10, -1, 180, 'standard')]);

/** What clocks in a zone show in the middle of January and of July. */
function hours(name: string): number[] {
  return ['2026-01-15T12:00:00Z', '2026-07-15T12:00:00Z'].map((at) => {
    const parts = new Intl.DateTimeFormat('en', { timeZone: name, hour: 'numeric', hourCycle: 'h23' });
    return Number(parts.format(new Date(at)));
  });
}

describe('ExchangeZones', () => {
  it.each([
    ['a Windows id', zone({ id: 'W. Europe Standard Time' }), 'Europe/Berlin'],
    ['an IANA name', zone({ id: 'Customized Time Zone', name: 'Asia/Tokyo' }), 'Asia/Tokyo'],
    ['UTC by another name', zone({ id: 'tzone://Microsoft/Utc' }), 'UTC'],
  ])('knows %s', (_, told, name) => {
    expect(zones.of(told, hour)).toBe(name);
  });

  it.each([
    ['European', european, [13, 14]],
    ['Australian', rules(600, 660, [changing(10, 1, 120, 'summer'), changing(4, 1, 180, 'standard')]), [23, 22]],
  ])('finds a zone whose clocks change as %s rules say, and the same all year', (_, given, expected) => {
    const name = zones.of(zone({ id: 'tzone://Microsoft/Custom', rules: given }), hour);
    expect(name).toMatch(/^[A-Z][a-z]+\//u);
    expect(hours(name)).toEqual(expected);
    expect(zones.of(zone({ id: '', rules: given }), { ...hour, start: new Date('2026-01-14T09:00:00Z') })).toBe(name);
  });

  it('takes the offset at the instant from rules that no zone has', () => {
    const told = zone({ id: 'Meine Zeit', rules: invented });
    expect(zones.of(told, hour)).toBe('+02:15');
    expect(zones.of(told, { ...hour, start: new Date('2026-01-14T09:00:00Z') })).toBe('+01:15');
  });

  it('takes the one offset of a zone that never changes', () => {
    const fixed = { periods: [{ id: 'p', name: 'p', offsetMinutes: 330 }], groups: [], transitions: [] };
    expect(zones.of(zone({ rules: fixed }), hour)).toBe('+05:30');
  });

  it.each([
    ['absurd offsets', { ...european, periods: [{ id: 'p', name: 'p', offsetMinutes: 99_999 }] }],
    ['no periods', { periods: [], groups: [], transitions: [] }],
    ['no transitions', { ...european, groups: [] }],
  ])('does not fail for rules with %s', (_, given) => {
    expect(zones.of(zone({ id: 'odd', rules: given }), hour)).toBe('UTC');
  });

  it.each([
    ['2026-07-14T22:00:00Z', 'Etc/GMT-2'],
    ['2026-07-14T12:00:00Z', 'Etc/GMT-12'],
    ['2026-07-14T11:00:00Z', 'Etc/GMT-13'],
    ['2026-07-14T18:30:00Z', '+05:30'],
    ['2026-07-14T00:00:00Z', 'UTC'],
  ])('tells from the midnight %s where an all-day event was planned', (start, name) => {
    expect(zones.of(null, { ...day, start: new Date(start) })).toBe(name);
  });

  it('takes UTC when nothing is known', () => {
    expect(zones.of(null, hour)).toBe('UTC');
  });

  it.each([
    ['(UTC+03:00) Ort', 'Etc/GMT-3'],
    ['GMT+0300', 'Etc/GMT-3'],
    ['UTC+5:30', '+05:30'],
    ['GMT+12', 'Etc/GMT-12'],
    ['GMT-11', 'Etc/GMT+11'],
    ['RTZ 2 (зима)', 'Europe/Moscow'],
    ['RTZ 11 (лето)', 'Asia/Kamchatka'],
    ['/freeassociation.sourceforge.net/Europe/Moscow', 'Europe/Moscow'],
    ['(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien', 'Europe/Amsterdam'],
    ['GMT +0100 (Standard) / GMT +0200 (Daylight)', 'Etc/GMT-1'],
    ['Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna', 'Europe/Amsterdam'],
    ['Eastern Time (US & Canada)', 'America/New_York'],
  ])('finds at least the offset in the name %s', (id, name) => {
    const zoneFound = new ExchangeZones().of(zone({ id }), hour);
    const shown = (timeZone: string) =>
      new Intl.DateTimeFormat('en', { timeZone, timeStyle: 'full' }).format(hour.start);
    expect(shown(zoneFound).replace(/[^\d:]/gu, '')).toBe(shown(name).replace(/[^\d:]/gu, ''));
  });

  it('prefers the zone that a period of the rules names, as long as its clocks run by them', () => {
    const named = (id: string): EwsZoneRules => ({
      ...european,
      periods: european.periods.map((period) => ({ ...period, id: `trule:Microsoft/Registry/${id}/1-${period.id}` })),
      groups: european.groups.map((group) => ({
        ...group,
        transitions: group.transitions.map((one) => ({
          ...one,
          to: { ...one.to, id: `trule:Microsoft/Registry/${id}/1-${one.to.id}` },
        })),
      })),
    });
    const custom = (rules: EwsZoneRules) => zone({ id: 'tzone://Microsoft/Custom', rules });
    expect(zones.of(custom(named('Romance Standard Time')), hour)).toBe('Europe/Paris');
    expect(hours(zones.of(custom(named('Tokyo Standard Time')), hour))).toEqual([13, 14]);
  });

  it('tells of a name that says nothing, once, and of no other', () => {
    const reported: string[] = [];
    const found = new ExchangeZones((name) => reported.push(name));
    for (const id of ['Mitteleuropäische Zeit', 'UTC', '(UTC+03:00) Ort', 'Mitteleuropäische Zeit', 'x'.repeat(500)])
      found.of(zone({ id }), hour);
    found.of(null, hour);
    found.of(zone({ id: 'Meine Zeit', rules: european }), hour);
    expect(reported).toEqual(['Mitteleuropäische Zeit', 'x'.repeat(100)]);
  });

  describe('of a name that says nothing', () => {
    const unknown = zone({ id: 'Mitteleuropäische Zeit' });
    const mailbox = 'anna@corp.example';
    const inZone = (id: string) => ({ start: hour.start, startZone: zone({ id }) });
    const learned = () => {
      const found = new ExchangeZones();
      found.learn(mailbox, ['Tokyo Standard Time', 'W. Europe Standard Time', 'Tokyo Standard Time'].map(inZone));
      found.learn('bert@corp.example', ['UTC'].map(inZone));
      return found;
    };

    it('takes the zone most used in the mailbox, and UTC where none is', () => {
      expect(learned().of(unknown, { ...hour, mailbox })).toBe('Asia/Tokyo');
      expect(learned().of(unknown, { ...hour, mailbox: 'carl@corp.example' })).toBe('UTC');
    });

    it('takes no zone of the mailbox that has another offset at the midnight of an all-day event', () => {
      expect(learned().of(unknown, { ...day, mailbox })).toBe('Europe/Berlin');
    });

    it('takes no zone of the mailbox with another offset than the name tells, in winter or summer', () => {
      expect(learned().of(zone({ id: '(UTC+01:00) Ort' }), { ...hour, mailbox })).toBe('Europe/Berlin');
      expect(learned().of(zone({ id: '(UTC+02:00) Ort' }), { ...hour, mailbox })).toBe('Europe/Berlin');
      expect(learned().of(zone({ id: '(UTC+03:00) Ort' }), { ...hour, mailbox })).toBe('Etc/GMT-3');
    });

    it('takes no zone of the mailbox in which a series would not begin on the day of its rule', () => {
      const start = new Date('2026-12-06T23:30:00Z');
      const first = { start, date: '2026-12-07' };
      expect(learned().of(unknown, { start, isAllDay: false, mailbox, first })).toBe('Asia/Tokyo');
      const sunday = { start, date: '2026-12-06' };
      expect(learned().of(unknown, { start, isAllDay: false, mailbox, first: sunday })).toBe('UTC');
    });

    it.each([
      ['2026-12-06T23:30:00Z', '2026-12-07', '2026-07-05T22:30:00Z', '2026-07-06'],
      ['2026-07-05T22:30:00Z', '2026-07-06', '2026-12-06T23:30:00Z', '2026-12-07'],
      ['2026-12-07T04:30:00Z', '2026-12-06', '2026-07-06T03:30:00Z', '2026-07-05'],
      ['2026-07-05T10:30:00Z', '2026-07-06', '2026-12-06T10:30:00Z', '2026-12-07'],
    ])('dates a series begun at %s on %s by its rule, winter and summer, whatever else the mailbox holds', (...row) => {
      const [begin, firstDate, later, date] = row;
      const first = { start: new Date(begin), date: firstDate };
      const start = new Date(later);
      for (const isAllDay of [false, true]) {
        const clock = learned().clockOf(unknown, { start, isAllDay, mailbox, first });
        expect(new Intl.DateTimeFormat('sv', { timeZone: clock, dateStyle: 'short' }).format(start)).toBe(date);
      }
    });
  });
});
