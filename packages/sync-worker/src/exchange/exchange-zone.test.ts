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
});
