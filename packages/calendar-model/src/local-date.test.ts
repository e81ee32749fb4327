import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { allDayDates, localDate, startOfLocalDate } from './local-date.ts';

const at = (text: string) => new Date(text);
const nextDate = (date: string, days: number) => Temporal.PlainDate.from(date).add({ days }).toString();

/** Zones with every kind of trouble: half hours, far offsets, midnights that do not exist or come twice. */
const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Santiago',
  'America/Havana',
  'Atlantic/Azores',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Etc/GMT+12',
  'Etc/GMT-14',
  '+05:30',
  '-09:30',
);
const dates = fc
  .integer({ min: 0, max: 12_000 })
  .map((days) => new Date(Date.UTC(2000, 0, 1 + days)).toISOString().slice(0, 10));

describe('localDate', () => {
  it.each([
    ['2026-03-28T23:00:00Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T22:00:00Z', 'Europe/Berlin', '2026-03-30'],
    ['2026-10-25T22:59:59Z', 'Europe/Berlin', '2026-10-25'],
    ['2026-06-01T10:00:00Z', 'Pacific/Kiritimati', '2026-06-02'],
    ['2026-06-01T11:59:59Z', 'Etc/GMT+12', '2026-05-31'],
    ['2011-12-30T09:59:59Z', 'Pacific/Apia', '2011-12-29'],
    ['2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31'],
    ['2026-01-01T00:00:00Z', '-09:30', '2025-12-31'],
  ])('of %s in %s is %s', (instant, zone, date) => {
    expect(localDate(at(instant), zone)).toBe(date);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => localDate(at('2026-01-01T00:00:00Z'), 'Europe/Nowhere')).toThrow(RangeError);
  });
});

describe('startOfLocalDate', () => {
  it.each([
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['2026-07-01', 'Asia/Kolkata', '2026-06-30T18:30:00.000Z'],
    // Clocks went from 0:00 to 1:00.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    // The day after 29 December 2011 was the 31st.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('of %s in %s is %s', (date, zone, instant) => {
    expect(startOfLocalDate(date, zone).toISOString()).toBe(instant);
  });

  it('is the first moment of its date', () => {
    fc.assert(
      fc.property(dates, zones, (date, zone) => {
        fc.pre(!(zone === 'Pacific/Apia' && date === '2011-12-30'));
        const start = startOfLocalDate(date, zone);
        expect(localDate(start, zone)).toBe(date);
        expect(localDate(new Date(start.getTime() - 1), zone) < date).toBe(true);
      }),
    );
  });

  it('refuses what is no date', () => {
    expect(() => startOfLocalDate('2026-02-30', 'UTC')).toThrow(RangeError);
  });
});

describe('allDayDates', () => {
  it('takes a day of Berlin, which is 22:00 to 22:00 in UTC, for one day', () => {
    const [start, end] = [at('2026-06-30T22:00:00Z'), at('2026-07-01T22:00:00Z')];
    expect(allDayDates(start, end, 'Europe/Berlin')).toEqual({ startDate: '2026-07-01', endDate: '2026-07-02' });
  });

  it('gives the dates back that an event was planned for, in any zone and across changes of clocks', () => {
    fc.assert(
      fc.property(dates, zones, fc.integer({ min: 1, max: 40 }), (startDate, zone, days) => {
        const endDate = nextDate(startDate, days);
        fc.pre(!(zone === 'Pacific/Apia' && [startDate, endDate].includes('2011-12-30')));
        const dates = allDayDates(startOfLocalDate(startDate, zone), startOfLocalDate(endDate, zone), zone);
        expect(dates).toEqual({ startDate, endDate });
      }),
    );
  });

  it('ends where a skipped day would have begun', () => {
    const [start, end] = ['2011-12-29', '2011-12-30'].map((date) => startOfLocalDate(date, 'Pacific/Apia'));
    expect(allDayDates(start!, end!, 'Pacific/Apia')).toEqual({ startDate: '2011-12-29', endDate: '2011-12-31' });
  });

  it('counts both midnights of a night whose clocks are set back to 0:00', () => {
    const start = startOfLocalDate('2026-10-31', 'America/Havana');
    for (const end of ['2026-11-01T04:00:00Z', '2026-11-01T05:00:00Z']) {
      const dates = allDayDates(start, at(end), 'America/Havana');
      expect(dates).toEqual({ startDate: '2026-10-31', endDate: '2026-11-01' });
    }
  });

  it('rounds down the start and up the end of an event whose zone was changed later', () => {
    const dates = allDayDates(at('2026-07-01T22:00:00Z'), at('2026-07-02T22:00:00Z'), 'Asia/Tokyo');
    expect(dates).toEqual({ startDate: '2026-07-02', endDate: '2026-07-04' });
  });

  it('lasts at least one day, even when it ends before it begins', () => {
    const noon = at('2026-07-01T12:00:00Z');
    for (const end of ['2026-07-01T12:00:00Z', '2026-07-01T00:00:00Z', '2025-01-01T00:00:00Z']) {
      expect(allDayDates(noon, at(end), 'UTC')).toEqual({ startDate: '2026-07-01', endDate: '2026-07-02' });
    }
  });
});
