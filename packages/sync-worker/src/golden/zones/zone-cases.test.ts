import { readFileSync } from 'node:fs';
import { eventId } from 'calendar-model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheOf } from '../../testing/cache-of-golden.ts';
import { type GoldenCalendar, GoldenExchange } from '../../testing/golden-exchange.ts';

const file = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const lines = (name: string) => file(name).trim().split('\n');
const WINDOW = '2026-10-01/2027-03-01';
const item = { id: 'item', uid: 'uid' };

let exchange: GoldenExchange;
beforeAll(async () => {
  exchange = await GoldenExchange.start();
});
afterAll(() => exchange.close());

const cache = (calendar: GoldenCalendar, window = WINDOW) => cacheOf(exchange, calendar, window);

/** Dates of the only event of a calendar, as the table writes them. */
async function datesOf(calendar: GoldenCalendar): Promise<string[]> {
  return (await cache(calendar)).map(({ startDate, endDate }) => `${startDate}..${endDate}`);
}

describe('an all-day event', () => {
  const old = lines('all-day-by-old-rules.jsonl').map(
    (line) => JSON.parse(line) as { why: string; dates: string; item: string },
  );

  it.each(old)('has the dates that the rules sent with it mean, though IANA says otherwise: $why', async (row) => {
    const id = /ItemId Id="([^"]*)"/u.exec(row.item)?.[1] ?? '';
    expect(await datesOf({ view: [{ ...item, id, start: '', end: '', xml: row.item }] })).toEqual([row.dates]);
  });

  const without = lines('all-day-without-zone.tsv')
    .slice(1)
    .map((line) => line.split('\t') as [string, string, string, string]);

  it.each(without)(
    'of zone %s, from %s to %s across a change of the clocks, is %s',
    async (zone, start, end, dates) => {
      const given = zone === '(none)' ? {} : { zone };
      expect(await datesOf({ view: [{ ...item, ...given, start, end, allDay: true }] })).toEqual([dates]);
    },
  );
});

describe('a series in a zone of several periods, whose groups never change', () => {
  const master = /<t:CalendarItem>.*<\/t:CalendarItem>/su.exec(file('series-in-a-custom-zone.xml'))?.[0] ?? '';
  const moscow = file('registry-rules-of-moscow.xml').trim();
  const mondays = ['2026-12-07', '2026-12-14', '2026-12-21'];

  it.each([
    ['rules written by hand', master],
    ['the rules of the Windows registry', master.replace(/<t:Periods>.*(?=<\/t:StartTimeZone>)/su, moscow)],
  ])('begins on the day of its rule and keeps its hour: %s', async (_, xml) => {
    const found = await cache({ folder: [{ ...item, id: 'A', start: '', end: '', type: 'RecurringMaster', xml }] });
    expect(found.map(({ start }) => start.toISOString())).toEqual([
      '2026-12-06T22:00:00.000Z',
      '2026-12-13T22:00:00.000Z',
      '2026-12-20T22:00:00.000Z',
    ]);
    expect(found.map(({ timeZone }) => clock(timeZone))).toEqual(['01:00', '01:00', '01:00']);
    expect(found.map(({ eventId }) => eventId)).toEqual(mondays.map(idOn));
  });

  it('has the same event ids in copies that tell the zone by its Windows id and by rules alone', async () => {
    const occurrence = (zone: string) => {
      const xml = `<t:CalendarItem xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><t:ItemId Id="o"/><t:UID>u</t:UID><t:Start>2026-12-06T22:00:00Z</t:Start><t:End>2026-12-06T23:00:00Z</t:End><t:CalendarItemType>Occurrence</t:CalendarItemType><t:RecurrenceId>2026-12-06T22:00:00Z</t:RecurrenceId>${zone}</t:CalendarItem>`;
      return cache({
        view: [{ ...item, id: 'o', start: '', end: '', xml }],
        master: { ...item, start: '', end: '', xml },
      });
    };
    const copies = [
      ...(await occurrence('<t:StartTimeZone Id="Russian Standard Time"/>')),
      ...(await occurrence(`<t:StartTimeZone Id="tzone://Microsoft/Custom">${moscow}</t:StartTimeZone>`)),
      ...(await occurrence('<t:StartTimeZone Id="(UTC+03:00) Москва, Санкт-Петербург"/>')),
    ];
    expect(copies.map((copy) => copy.eventId)).toEqual([1, 2, 3].map(() => idOn('2026-12-07')));
  });
});

describe('a series in a zone that its name does not tell', () => {
  const recurrence =
    '<t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2026-10-19</t:StartDate><t:NumberOfOccurrences>2</t:NumberOfOccurrences></t:NumberedRecurrence>';
  const times = { start: '2026-10-18T22:30:00Z', end: '2026-10-18T23:30:00Z' };
  const master = { id: 'm', uid: 'u', zone: 'Mitteleuropäische Zeit', type: 'RecurringMaster', recurrence, ...times };
  const berlin = {
    uid: 'b',
    start: '2026-11-02T08:00:00Z',
    end: '2026-11-02T09:00:00Z',
    zone: 'Romance Standard Time',
  };

  it('keeps its hour by the zone most used in the mailbox, and its day by its rule', async () => {
    const found = await cache({ folder: [master, { ...berlin, id: 'b' }] });
    const series = found.filter(({ kind }) => kind === 'occurrence');
    expect(series.map(({ start, timeZone }) => `${start.toISOString()} ${timeZone}`)).toEqual([
      '2026-10-18T22:30:00.000Z Europe/Paris',
      '2026-10-25T23:30:00.000Z Europe/Paris',
    ]);
    expect(series.map(({ eventId }) => eventId)).toEqual(['2026-10-19', '2026-10-26'].map(idOn));
  });

  it('has the same event ids in a mailbox that uses no zone, or another one', async () => {
    for (const others of [[], [{ ...berlin, id: 'b', zone: 'Pacific Standard Time' }]]) {
      const found = await cache({ folder: [master, ...others] });
      const ids = found.filter(({ kind }) => kind === 'occurrence').map(({ eventId }) => eventId);
      expect(ids).toEqual(['2026-10-19', '2026-10-26'].map(idOn));
    }
  });
});

/** What clocks in a zone show as the series begins. */
function clock(timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return format.format(new Date('2026-12-06T22:00:00Z'));
}

function idOn(date: string): string {
  const originalStart = new Date(`${date}T12:00:00Z`);
  return eventId({ uid: 'u', itemId: '', kind: 'occurrence', originalStart, seriesZone: 'UTC' });
}
