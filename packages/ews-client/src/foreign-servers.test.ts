import { describe, expect, test } from 'vitest';
import { CannedExchange } from './testing/canned-exchange.ts';
import { calendarItem, fault, view } from './testing/replies.ts';

const anna = 'anna@corp.example';
const september = { from: new Date('2026-09-01T00:00:00Z'), to: new Date('2026-10-01T00:00:00Z') };

async function only(item: string) {
  await using exchange = await CannedExchange.start({ body: view(item) });
  const { items, unreadable } = await exchange.client().findCalendarView(anna, september);
  expect(unreadable).toEqual([]);
  return items[0];
}

describe('a server that is not Microsoft’s', () => {
  test.each([
    ['2026-09-01T06:59:59.9999999Z', '2026-09-01T07:00:00.000Z'],
    ['2026-09-01T07:00:00.0004Z', '2026-09-01T07:00:00.000Z'],
    ['2026-09-01T07:00:00', '2026-09-01T07:00:00.000Z'],
    ['2026-09-01T09:00:00+02:00', '2026-09-01T07:00:00.000Z'],
  ])('writes %s: the nearest second is meant, without a zone UTC', async (text, instant) => {
    const item = calendarItem('i').replaceAll('2026-09-01T07:00:00Z', text);
    expect((await only(item))?.start.toISOString()).toBe(instant);
  });

  test.each([
    ['single', ''],
    ['recurringMaster', '<t:IsRecurring>true</t:IsRecurring>'],
    ['occurrence', '<t:IsRecurring>true</t:IsRecurring><t:RecurrenceId>2026-09-01T07:00:00Z</t:RecurrenceId>'],
  ])('says nothing of the kind of a %s', async (kind, more) => {
    const item = calendarItem('i', more).replace(/<t:CalendarItemType>.*<\/t:CalendarItemType>/u, '');
    expect((await only(item))?.kind).toBe(kind);
  });

  test('writes elements twice and in another order: the first counts', async () => {
    const item = calendarItem('i', '<t:Subject>Plan</t:Subject><t:Subject>Other</t:Subject>');
    const [, content = ''] = /<t:CalendarItem>(.*)<\/t:CalendarItem>/u.exec(item) ?? [];
    const turned = (content.match(/<t:(\w+)[^>]*\/>|<t:(\w+)[^>]*>.*?<\/t:\2>/gu) ?? []).reverse().join('');
    expect(await only(`<t:CalendarItem>${turned}</t:CalendarItem>`)).toMatchObject({ itemId: 'i', subject: 'Other' });
    expect(await only(item)).toMatchObject({ itemId: 'i', subject: 'Plan' });
  });

  test('ends a connection with a fault on its second call: the call is made again, and each call once if all is well', async () => {
    const callsOf = new Map<number, number>();
    await using exchange = await CannedExchange.start(({ port }) => {
      const call = (callsOf.get(port) ?? 0) + 1;
      callsOf.set(port, call);
      if (call === 1) return { body: view(calendarItem('i')) };
      return { status: 500, headers: { connection: 'close' }, body: fault('ErrorInternalServerError') };
    });
    const client = exchange.client({ connections: 1 });
    for (let n = 0; n < 3; n++) {
      expect((await client.findCalendarView(anna, september)).items).toHaveLength(1);
    }
    expect(exchange.requests).toHaveLength(5);
  });

  test('is not asked over and over: a fault that comes each time is told after three', async () => {
    await using exchange = await CannedExchange.start({
      status: 500,
      headers: { connection: 'close' },
      body: fault('ErrorInternalServerError'),
    });
    const call = exchange.client().findCalendarView(anna, september);
    await expect(call).rejects.toMatchObject({ responseCode: 'ErrorInternalServerError', errorClass: 'transient' });
    expect(exchange.requests).toHaveLength(3);
  });
});
