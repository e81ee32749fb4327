import { describe, expect, it } from 'vitest';
import { expandSeries } from './expand-series.ts';
import type { RecurrencePattern } from './recurrence.ts';
import { recurrenceDates } from './recurrence-dates.ts';

/** Dates of an endless pattern within a year and a half of its start. */
function dates(pattern: RecurrencePattern, startDate = '2026-01-31'): string[] {
  return recurrenceDates({ pattern, range: { type: 'noEnd', startDate } }, '2026-01-01', '2027-06-30').slice(0, 4);
}

describe('recurrenceDates', () => {
  it('takes the last day of a month that is too short, each month anew', () => {
    const monthly = dates({ type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 });
    expect(monthly).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']);
  });

  it('keeps the rhythm of an interval however late it is asked', () => {
    const recurrence = {
      pattern: { type: 'daily', interval: 3 },
      range: { type: 'noEnd', startDate: '2020-01-01' },
    } as const;
    const all = recurrenceDates(recurrence, '2020-01-01', '2026-12-31');
    const late = recurrenceDates(recurrence, '2026-11-01', '2026-12-31');
    expect(late).toEqual(all.slice(-late.length));
    expect(late).toHaveLength(21);
  });

  it('gives nothing before the start, after the end, or of a range that ends before it begins', () => {
    const pattern = { type: 'daily', interval: 1 } as const;
    const range = { type: 'endDate', startDate: '2026-03-02', endDate: '2026-03-04' } as const;
    expect(recurrenceDates({ pattern, range }, '2026-01-01', '2026-12-31')).toEqual([
      '2026-03-02',
      '2026-03-03',
      '2026-03-04',
    ]);
    expect(recurrenceDates({ pattern, range }, '2026-03-05', '2026-12-31')).toEqual([]);
    const never = { ...range, endDate: '2026-03-01' };
    expect(recurrenceDates({ pattern, range: never }, '2026-01-01', '2026-12-31')).toEqual([]);
  });
});

describe('expandSeries', () => {
  const series = {
    recurrence: { pattern: { type: 'daily', interval: 1 }, range: { type: 'noEnd', startDate: '2026-03-01' } },
    start: new Date('2026-03-01T22:00:00Z'),
    end: new Date('2026-03-02T01:00:00Z'),
    isAllDay: false,
    zoneAt: () => 'Europe/Berlin',
    deleted: [],
    modified: [],
  } as const;
  const window = { from: new Date('2026-03-10T00:00:00Z'), to: new Date('2026-03-11T00:00:00Z') };

  it('finds what began before the window and is still going on', () => {
    expect(expandSeries(series, window).map(({ date }) => date)).toEqual(['2026-03-09', '2026-03-10']);
  });

  it('takes out what was deleted, told by a time that is not quite the original one', () => {
    const deleted = [new Date('2026-03-09T22:00:30Z')];
    expect(expandSeries({ ...series, deleted }, window).map(({ date }) => date)).toEqual(['2026-03-10']);
  });

  it('counts an exception by where it is now, and shows nothing in its old place', () => {
    const modified = [
      {
        originalStart: new Date('2026-03-10T22:00:00Z'),
        start: new Date('2026-03-20T09:00:00Z'),
        end: new Date('2026-03-20T10:00:00Z'),
      },
      {
        originalStart: new Date('2026-03-30T21:00:00Z'),
        start: new Date('2026-03-10T09:00:00Z'),
        end: new Date('2026-03-10T10:00:00Z'),
      },
    ];
    const found = expandSeries({ ...series, modified }, window);
    expect(found.map(({ date, modified: by }) => [date, by !== null])).toEqual([
      ['2026-03-09', false],
      ['2026-03-30', true],
    ]);
  });

  describe('of a server whose zone data is old', () => {
    const old = new Date('2026-11-01T00:00:00Z');
    const weekly = {
      ...series,
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' },
        range: { type: 'noEnd', startDate: '2026-12-07' },
      },
      // 0:30 by clocks that are two hours west of UTC in summer, as those of Brazil were.
      start: new Date('2026-12-07T02:30:00Z'),
      end: new Date('2026-12-07T03:30:00Z'),
    } as const;
    const december = { from: new Date('2026-12-01T00:00:00Z'), to: new Date('2026-12-16T00:00:00Z') };
    const starts = (one: Parameters<typeof expandSeries>[0]) =>
      expandSeries(one, december).map(({ date, start }) => `${date} ${start.toISOString().slice(0, 16)}`);
    const right = ['2026-12-07 2026-12-07T02:30', '2026-12-14 2026-12-14T02:30'];

    it('keeps the hour and the dates by the clocks that it was planned by', () => {
      const zoneAt = (instant: Date) => (instant < old ? 'America/Sao_Paulo' : 'Etc/GMT+2');
      expect(starts({ ...weekly, zoneAt })).toEqual(right);
    });

    it('begins on the first date of its rule when its zone is said to be another hour', () => {
      const zoneAt = () => 'America/Sao_Paulo';
      expect(starts({ ...weekly, zoneAt })).toEqual(right);
      expect(starts({ ...weekly, zoneAt, deleted: [new Date('2026-12-07T02:30:00Z')] })).toEqual(right.slice(1));
    });

    it('passes a change that only these clocks have at the right hour', () => {
      const change = new Date('2026-12-12T03:00:00Z');
      const zoneAt = (instant: Date) => (instant < change ? 'Etc/GMT+3' : 'Etc/GMT+2');
      const start = new Date('2026-12-07T03:30:00Z');
      expect(starts({ ...weekly, zoneAt, start, end: new Date('2026-12-07T04:30:00Z') })).toEqual([
        '2026-12-07 2026-12-07T03:30',
        '2026-12-14 2026-12-14T02:30',
      ]);
    });
  });

  it('gives all-day occurrences whole days, also when the first one begins in a night without midnight', () => {
    const daily = {
      ...series,
      recurrence: { pattern: { type: 'daily', interval: 1 }, range: { type: 'noEnd', startDate: '2026-03-29' } },
      // Beirut skips the midnight of 29 March.
      start: new Date('2026-03-28T22:00:00Z'),
      end: new Date('2026-03-29T21:00:00Z'),
      isAllDay: true,
      zoneAt: () => 'Asia/Beirut',
    } as const;
    const march = { from: new Date('2026-03-28T00:00:00Z'), to: new Date('2026-03-31T00:00:00Z') };
    expect(
      expandSeries(daily, march).map(({ date, start, end }) => [date, start.toISOString(), end.toISOString()]),
    ).toEqual([
      ['2026-03-29', '2026-03-28T22:00:00.000Z', '2026-03-29T21:00:00.000Z'],
      ['2026-03-30', '2026-03-29T21:00:00.000Z', '2026-03-30T21:00:00.000Z'],
      ['2026-03-31', '2026-03-30T21:00:00.000Z', '2026-03-31T21:00:00.000Z'],
    ]);
  });
});
