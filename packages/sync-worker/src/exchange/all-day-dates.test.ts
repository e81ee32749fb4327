import type { EwsTimeZone } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { icuOffset, registryZone } from '../testing/registry-rules.ts';
import { ExchangeZones } from './exchange-zone.ts';

const zones = new ExchangeZones();
const zoneOf = (given: Partial<EwsTimeZone>): EwsTimeZone => ({ id: null, name: null, rules: null, ...given });

function datesOf(zone: EwsTimeZone | null, start: string, end: string): string {
  const item = { start: new Date(start), end: new Date(end), isAllDay: true };
  const { startDate, endDate } = zones.allDayDates(zone, item);
  return `${startDate}..${endDate}`;
}

/** The changes of a zone's clocks in some years, as the moments before and after. */
function changesOf(zone: string, from: number, to: number): number[] {
  const offset = icuOffset(zone);
  const found: number[] = [];
  for (let day = Date.UTC(from, 0, 1); day < Date.UTC(to, 0, 1); day += 86_400_000) {
    if (offset(day) === offset(day + 86_400_000)) continue;
    for (let at = day + 3_600_000; at <= day + 86_400_000; at += 3_600_000) {
      if (offset(at) !== offset(at - 3_600_000)) found.push(at);
    }
  }
  return found;
}

describe('the dates of an all-day event', () => {
  it.each([
    ['Middle East Standard Time', 'Asia/Beirut', 2024, 2026],
    ['Egypt Standard Time', 'Africa/Cairo', 2024, 2026],
    ['Pacific SA Standard Time', 'America/Santiago', 2024, 2026],
    ['Paraguay Standard Time', 'America/Asuncion', 2022, 2024],
    ['Cuba Standard Time', 'America/Havana', 2024, 2026],
    ['Iran Standard Time', 'Asia/Tehran', 2020, 2022],
    ['E. South America Standard Time', 'America/Sao_Paulo', 2017, 2019],
    ['Jordan Standard Time', 'Asia/Amman', 2020, 2022],
  ])('are those of its midnights where clocks change at midnight, as in %s', (id, iana, from, to) => {
    const offset = icuOffset(iana);
    const { rules } = registryZone(iana, from - 3, to + 1);
    const wrong: string[] = [];
    for (const change of changesOf(iana, from, to)) {
      const day = new Date(change + offset(change) * 60_000 + 6 * 3_600_000).toISOString().slice(0, 10);
      const next = (days: number) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000);
      const dates = `${day}..${next(1).toISOString().slice(0, 10)}`;
      // A midnight that does not exist, or comes twice, is written by the offset before or after the change.
      for (const start of [offset(change - 1), offset(change)].map((minutes) => +next(0) - minutes * 60_000)) {
        const end = +next(1) - offset(change + 2 * 86_400_000) * 60_000;
        const texts = [start, end].map((at) => new Date(at).toISOString()) as [string, string];
        const ways = [zoneOf({ id }), zoneOf({ id: 'tzone://Microsoft/Custom', rules }), zoneOf({ id, rules })];
        for (const zone of ways) {
          const found = datesOf(zone, ...texts);
          if (found !== dates) wrong.push(`${texts.join('..')} became ${found} instead of ${dates}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['E. South America Standard Time', '2026-12-01T02:00:00Z', '2026-12-02T02:00:00Z', '2026-12-01..2026-12-02'],
    ['Qyzylorda Standard Time', '2026-11-30T18:00:00Z', '2026-12-03T18:00:00Z', '2026-12-01..2026-12-04'],
    ['Iran Standard Time', '2026-06-30T19:30:00Z', '2026-07-01T19:30:00Z', '2026-07-01..2026-07-02'],
    ['Jordan Standard Time', '2026-11-30T22:00:00Z', '2026-12-01T22:00:00Z', '2026-12-01..2026-12-02'],
    ['Central Standard Time (Mexico)', '2026-07-01T05:00:00Z', '2026-07-02T05:00:00Z', '2026-07-01..2026-07-02'],
  ])('are near midnight in %s by clocks an hour off, of a server with old data that sends no rules', (id, ...row) => {
    const [start, end, dates] = row;
    expect(datesOf(zoneOf({ id }), start, end)).toBe(dates);
  });

  it.each([
    ['winter to summer', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-03-29..2026-03-30'],
    ['summer to winter in Sydney', '2026-04-03T13:00:00Z', '2026-04-05T14:00:00Z', '2026-04-04..2026-04-06'],
    ['summer to winter in Auckland', '2026-04-03T11:00:00Z', '2026-04-05T12:00:00Z', '2026-04-04..2026-04-06'],
    ['summer to winter in New York', '2026-10-31T04:00:00Z', '2026-11-02T05:00:00Z', '2026-10-31..2026-11-02'],
    ['half an hour on Lord Howe', '2026-04-03T13:00:00Z', '2026-04-05T13:30:00Z', '2026-04-04..2026-04-06'],
    ['no change in Kathmandu', '2026-04-03T18:15:00Z', '2026-04-04T18:15:00Z', '2026-04-04..2026-04-05'],
  ])('are those of each end’s own midnight without a zone: %s', (_, start, end, dates) => {
    expect(datesOf(null, start, end)).toBe(dates);
    expect(datesOf(zoneOf({ id: 'Meine Zeit' }), start, end)).toBe(dates);
  });

  it('are those of the name’s offset in winter, and of an hour more in summer', () => {
    const name = zoneOf({ id: '(UTC+13:00) Ort' });
    expect(datesOf(name, '2026-01-14T11:00:00Z', '2026-01-15T11:00:00Z')).toBe('2026-01-15..2026-01-16');
    expect(datesOf(name, '2026-01-14T10:00:00Z', '2026-01-15T10:00:00Z')).toBe('2026-01-15..2026-01-16');
    const samoa = zoneOf({ id: '(UTC-11:00) Ort' });
    expect(datesOf(samoa, '2026-01-15T11:00:00Z', '2026-01-16T11:00:00Z')).toBe('2026-01-15..2026-01-16');
  });

  it('over a day that the date line took are whole days', () => {
    const apia = zoneOf({ id: 'Samoa Standard Time' });
    expect(datesOf(apia, '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z')).toBe('2011-12-29..2011-12-31');
    expect(datesOf(apia, '2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z')).toBe('2011-12-31..2012-01-01');
  });

  it('are rounded where an event was moved to a zone far away', () => {
    const tokyo = zoneOf({ id: 'Tokyo Standard Time' });
    expect(datesOf(tokyo, '2026-07-01T22:00:00Z', '2026-07-02T22:00:00Z')).toBe('2026-07-02..2026-07-04');
  });

  it('are at least one day', () => {
    const berlin = zoneOf({ id: 'W. Europe Standard Time' });
    expect(datesOf(berlin, '2026-07-01T22:00:00Z', '2026-07-01T22:00:00Z')).toBe('2026-07-02..2026-07-03');
  });
});
