import { expect, test } from 'vitest';
import { readRecurrence } from './read-recurrence.ts';
import { readTimeZone } from './read-time-zone.ts';
import { ReplyReader } from './reply-reader.ts';

function element(xml: string) {
  const reader = new ReplyReader();
  const types = 'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"';
  reader.write(Buffer.from(xml.replace(/^<t:\w+/, `$& ${types}`)));
  return reader.end();
}

const noEnd = '<t:NoEndRecurrence><t:StartDate>2026-09-01Z</t:StartDate></t:NoEndRecurrence>';
const interval = '<t:Interval>1</t:Interval>';

test.each([
  [`<t:DailyRecurrence>${interval}</t:DailyRecurrence>`, { type: 'daily', interval: 1 }],
  [
    `<t:WeeklyRecurrence>${interval}<t:DaysOfWeek>Sunday</t:DaysOfWeek><t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence>`,
    { type: 'weekly', interval: 1, daysOfWeek: ['Sunday'], firstDayOfWeek: 'Monday' },
  ],
  [
    `<t:AbsoluteMonthlyRecurrence>${interval}<t:DayOfMonth>31</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>`,
    { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 },
  ],
  [
    `<t:RelativeMonthlyRecurrence>${interval}<t:DaysOfWeek>Weekday</t:DaysOfWeek><t:DayOfWeekIndex>Last</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>`,
    { type: 'relativeMonthly', interval: 1, dayOfWeek: 'Weekday', index: 'Last' },
  ],
  [
    '<t:AbsoluteYearlyRecurrence><t:DayOfMonth>29</t:DayOfMonth><t:Month>February</t:Month></t:AbsoluteYearlyRecurrence>',
    { type: 'absoluteYearly', dayOfMonth: 29, month: 2 },
  ],
  [
    '<t:RelativeYearlyRecurrence><t:DaysOfWeek>Monday</t:DaysOfWeek><t:DayOfWeekIndex>First</t:DayOfWeekIndex><t:Month>May</t:Month></t:RelativeYearlyRecurrence>',
    { type: 'relativeYearly', dayOfWeek: 'Monday', index: 'First', month: 5 },
  ],
])('reads the pattern %s', (pattern, wanted) => {
  const recurrence = readRecurrence(element(`<t:Recurrence>${pattern}${noEnd}</t:Recurrence>`));
  expect(recurrence).toEqual({ pattern: wanted, range: { type: 'noEnd', startDate: '2026-09-01' } });
});

test('reads a numbered range', () => {
  const range =
    '<t:NumberedRecurrence><t:StartDate>2026-09-01+14:00</t:StartDate><t:NumberOfOccurrences>10</t:NumberOfOccurrences></t:NumberedRecurrence>';
  const recurrence = readRecurrence(
    element(`<t:Recurrence><t:DailyRecurrence>${interval}</t:DailyRecurrence>${range}</t:Recurrence>`),
  );
  expect(recurrence?.range).toEqual({ type: 'numbered', startDate: '2026-09-01', occurrences: 10 });
});

test.each([
  `<t:DailyRegeneration>${interval}</t:DailyRegeneration>`,
  '<t:DailyRecurrence><t:Interval>0</t:Interval></t:DailyRecurrence>',
  `<t:WeeklyRecurrence>${interval}<t:DaysOfWeek>Someday</t:DaysOfWeek></t:WeeklyRecurrence>`,
  '',
])('a rule that cannot be read is left out instead of costing the series: %s', (pattern) => {
  expect(readRecurrence(element(`<t:Recurrence>${pattern}${noEnd}</t:Recurrence>`))).toBeNull();
});

test('reads embedded zone rules with offsets east of UTC', () => {
  const zone = element(`<t:StartTimeZone Id="tzone://Microsoft/Custom" Name="Somewhere"><t:Periods>
    <t:Period Bias="-PT1H" Name="Standard" Id="std"/><t:Period Bias="-PT2H" Name="Daylight" Id="dlt"/></t:Periods>
    <t:TransitionsGroups><t:TransitionsGroup Id="0"><t:RecurringDayTransition><t:To Kind="Period">dlt</t:To>
    <t:TimeOffset>PT2H</t:TimeOffset><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>-1</t:Occurrence>
    </t:RecurringDayTransition><t:RecurringDateTransition><t:To Kind="Period">std</t:To><t:TimeOffset>PT3H</t:TimeOffset>
    <t:Month>10</t:Month><t:Day>25</t:Day></t:RecurringDateTransition></t:TransitionsGroup></t:TransitionsGroups>
    <t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition><t:AbsoluteDateTransition><t:To Kind="Group">0</t:To>
    <t:DateTime>2030-01-01T00:00:00</t:DateTime></t:AbsoluteDateTransition></t:Transitions></t:StartTimeZone>`);
  const group = { kind: 'group', id: '0' };
  expect(readTimeZone(zone)).toEqual({
    id: 'tzone://Microsoft/Custom',
    name: 'Somewhere',
    rules: {
      periods: [
        { id: 'std', name: 'Standard', offsetMinutes: 60 },
        { id: 'dlt', name: 'Daylight', offsetMinutes: 120 },
      ],
      groups: [
        {
          id: '0',
          transitions: [
            {
              type: 'recurringDay',
              to: { kind: 'period', id: 'dlt' },
              timeMinutes: 120,
              month: 3,
              dayOfWeek: 'Sunday',
              occurrence: -1,
            },
            { type: 'recurringDate', to: { kind: 'period', id: 'std' }, timeMinutes: 180, month: 10, day: 25 },
          ],
        },
      ],
      transitions: [
        { type: 'always', to: group },
        { type: 'absolute', to: group, wallTime: '2030-01-01T00:00:00' },
      ],
    },
  });
});

test('a zone with broken rules keeps its name, and one that says nothing is none', () => {
  const broken = '<t:Periods><t:Period Bias="hour" Id="x"/></t:Periods>';
  expect(
    readTimeZone(element(`<t:StartTimeZone Id="" Name="Mitteleuropäische Zeit">${broken}</t:StartTimeZone>`)),
  ).toEqual({
    id: null,
    name: 'Mitteleuropäische Zeit',
    rules: null,
  });
  expect(readTimeZone(element('<t:StartTimeZone/>'))).toBeNull();
  expect(readTimeZone(undefined)).toBeNull();
});
