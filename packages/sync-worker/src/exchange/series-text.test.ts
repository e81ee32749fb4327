import type { EwsRecurrencePattern, EwsRecurrenceRange } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { seriesText } from './series-text.ts';

const startDate = '2026-01-01';
const noEnd: EwsRecurrenceRange = { type: 'noEnd', startDate };
const cases: [string, EwsRecurrencePattern, EwsRecurrenceRange][] = [
  ['every day', { type: 'daily', interval: 1 }, noEnd],
  ['every 3 days, 5 times', { type: 'daily', interval: 3 }, { type: 'numbered', startDate, occurrences: 5 }],
  ['every week on Monday', { type: 'weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: null }, noEnd],
  [
    'every 2 weeks on Monday, Wednesday and Friday until 2026-12-31',
    { type: 'weekly', interval: 2, daysOfWeek: ['Monday', 'Wednesday', 'Friday'], firstDayOfWeek: 'Monday' },
    { type: 'endDate', startDate, endDate: '2026-12-31' },
  ],
  ['every month on day 31', { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 }, noEnd],
  [
    'every 2 months on the last weekday',
    { type: 'relativeMonthly', interval: 2, dayOfWeek: 'Weekday', index: 'Last' },
    noEnd,
  ],
  [
    'every month on the first weekend day',
    { type: 'relativeMonthly', interval: 1, dayOfWeek: 'WeekendDay', index: 'First' },
    noEnd,
  ],
  ['every year on February 29', { type: 'absoluteYearly', month: 2, dayOfMonth: 29 }, noEnd],
  [
    'every year on the second Tuesday of May',
    { type: 'relativeYearly', month: 5, dayOfWeek: 'Tuesday', index: 'Second' },
    noEnd,
  ],
];

describe('seriesText', () => {
  it.each(cases)('says %s', (text, pattern, range) => {
    expect(seriesText({ pattern, range })).toBe(text);
  });
});
