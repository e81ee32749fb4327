import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCalendarItem } from '../editing/create-calendar-item.ts';
import { WEEKDAYS, type Weekday } from '../recurrence/civil-day.ts';
import { zoneOfId } from '../time/exchange-zone.ts';
import { Organization } from './organization.ts';
import { occurrencesInWindow } from './series.ts';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
];
const DAY = 86_400_000;

/** Date, weekday and time of day as a clock on the wall shows them, by the runtime's own zone data. */
function wall(zone: string, instant: number) {
  const options = {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  const parts = new Map(
    new Intl.DateTimeFormat('en-US', options).formatToParts(instant).map(({ type, value }) => [type, value]),
  );
  return {
    date: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
    weekday: parts.get('weekday')!,
    time: `${parts.get('hour')}:${parts.get('minute')}`,
  };
}

test('a weekly series keeps its weekdays and its wall time through every change of the clocks, in every zone', () => {
  const starts = fc
    .integer({ min: Date.UTC(2025, 0, 1) / 900_000, max: Date.UTC(2027, 0, 1) / 900_000 })
    .map((quarters) => quarters * 900_000);
  const weekdays = fc.uniqueArray(fc.constantFrom<Weekday>(...WEEKDAYS), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      starts,
      weekdays,
      fc.integer({ min: 0, max: 400 }),
      (zone, start, daysOfWeek, offset) => {
        const organization = new Organization();
        const mailbox = organization.addMailbox({ address: 'anna@corp.example' });
        const startZone = zoneOfId(zone)!;
        const startDay = Date.parse(wall(zone, start).date) / DAY;
        const recurrence = {
          pattern: { kind: 'weekly', interval: 1, daysOfWeek, firstDayOfWeek: 'Sunday' },
          range: { kind: 'noEnd', startDay },
        } as const;
        const draft = { properties: { start, end: start + 1_800_000, startZone }, recurrence };
        const item = createCalendarItem(organization, mailbox, 'calendar', draft, startZone);
        const time = wall(zone, item.properties.start).time;
        const from = start + offset * DAY;
        const found = [...occurrencesInWindow(mailbox, item, from, from + 21 * DAY)].map(({ properties }) =>
          wall(zone, properties.start),
        );
        // Every wanted weekday of the days that lie wholly inside the window, and no other.
        const expected = [];
        for (let day = 1; day < 20; day += 1) {
          const date = new Date(Date.parse(wall(zone, from).date) + day * DAY);
          if ((daysOfWeek as string[]).includes(WEEKDAYS[date.getUTCDay()]!))
            expected.push(date.toISOString().slice(0, 10));
        }
        expect(found.map(({ date }) => date)).toEqual(expect.arrayContaining(expected));
        expect(found.every(({ weekday }) => (daysOfWeek as string[]).includes(weekday))).toBe(true);
        // Only a time that the clocks skip that day may differ.
        const shifted = found.filter((occurrence) => occurrence.time !== time);
        expect(shifted.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 60 },
  );
});
