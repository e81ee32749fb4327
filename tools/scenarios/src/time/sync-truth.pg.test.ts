import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SimulatedCalendar } from './simulated-calendar.ts';
import { SyncedMailbox } from './synced-mailbox.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Seconds when nobody else needs the machine; much longer when a counterexample is made smaller. */
const TIMEOUT_MS = 120_000;
/** A server that is not Microsoft's, but logs what changes. */
const FOREIGN = { like: 'grommunio', logsOccurrenceChanges: true };

let db: TestDatabase;
let calendar: SimulatedCalendar;
beforeAll(async () => {
  [db, calendar] = await Promise.all([createTestDatabase(), SimulatedCalendar.start()]);
});
afterAll(async () => {
  await calendar.close();
  await db.drop();
});
afterEach(async () => {
  await calendar.control('DELETE', '/faults');
  await calendar.control('PATCH', '/settings', { personality: 'exchange' });
});

/** Nine in the morning in Berlin, so many days from today. */
function morning(days: number): string {
  return `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)}T09:00:00`;
}

function item(subject: string, days: number, more: object = {}): object {
  const start = morning(days);
  return { subject, start, end: start.replace('T09', 'T10'), timeZone: 'Europe/Berlin', ...more };
}

function daily(subject: string, days: number, count: number): object {
  return item(subject, days, { recurrence: { pattern: 'daily', startDate: morning(days).slice(0, 10), count } });
}

/** What a person, or the server, does to a calendar. */
const step = fc.record({
  act: fc.constantFrom('single', 'series', 'move', 'move', 'rename', 'remove', 'removeSeries', 'lose', 'fail', 'sync'),
  days: fc.integer({ min: -45, max: 45 }),
  which: fc.nat(1_000),
});

async function take(
  mailbox: SyncedMailbox,
  masters: string[],
  { act, days, which }: { act: string; days: number; which: number },
): Promise<void> {
  const { address } = mailbox;
  const window = { from: new Date(Date.now() - 60 * DAY_MS), to: new Date(Date.now() + 60 * DAY_MS) };
  const there = await calendar.truth(address, window);
  const chosen = there[which % Math.max(1, there.length)];
  if (act === 'single') await calendar.put(address, [item(`single ${which}`, days)]);
  if (act === 'series') {
    const [series] = await calendar.put(address, [daily(`series ${which}`, days, 1 + (which % 9))]);
    if (series) masters.push(series.itemId);
  }
  if (act === 'lose') await calendar.control('POST', `/sync-states/lose?mailbox=${address}`);
  if (act === 'removeSeries' && masters.length > 0) {
    await calendar.remove(address, masters.splice(which % masters.length, 1)[0] ?? '');
  }
  if (act === 'fail') {
    const operation = ['FindItem', 'GetItem', 'SyncFolderItems'][which % 3];
    await calendar.control('POST', '/faults', { operation, mailbox: address, action: { form: 'http', status: 502 } });
  }
  if (act === 'fail' || act === 'sync') await mailbox.sync().catch(() => mailbox.wait(0));
  if (chosen === undefined) return;
  if (act === 'rename') await calendar.change(address, chosen.itemId, { 'item:Subject': `renamed ${which}` });
  if (act === 'remove') await calendar.remove(address, chosen.itemId);
  if (act === 'move') {
    const shift = chosen.kind === 'Single' ? days * DAY_MS : (days % 8) * HOUR_MS;
    const moved = (time: string) => new Date(Date.parse(time) + shift).toISOString();
    const times = { 'calendar:Start': moved(chosen.start), 'calendar:End': moved(chosen.end) };
    await calendar.change(address, chosen.itemId, times);
  }
}

describe('a mailbox of the simulator, synchronized', () => {
  it.each([
    ['Exchange', 'exchange'],
    ['a server that does not expand series', FOREIGN],
  ])(
    'holds the truth of %s after each drain, whatever was done in whatever order',
    async (_, personality) => {
      await calendar.control('PATCH', '/settings', { personality });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(step, { maxLength: 8 }), { minLength: 2, maxLength: 4 }), async (days) => {
          const mailbox = await SyncedMailbox.make(calendar, db.database);
          const begun = await calendar.put(mailbox.address, [daily('a', -3, 4), daily('b', 25, 9), item('c', 2)]);
          const masters = begun.slice(0, 2).map(({ itemId }) => itemId);
          await mailbox.sync();
          for (const steps of days) {
            for (const one of steps) await take(mailbox, masters, one);
            await calendar.control('DELETE', '/faults');
            await mailbox.sync();
            expect(await mailbox.cached()).toEqual(await mailbox.truth());
          }
        }),
        { numRuns: 4 },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'holds all of 2,500 occurrences in a month, each once',
    async () => {
      const mailbox = await SyncedMailbox.make(calendar, db.database);
      await calendar.put(
        mailbox.address,
        Array.from({ length: 100 }, (_, n) => daily(`series ${n}`, -12, 25)),
      );
      expect(await mailbox.sync()).toMatchObject({ entries: 2_500, written: 2_500, duplicates: 0 });
      expect(await mailbox.cached()).toEqual(await mailbox.truth());
    },
    TIMEOUT_MS,
  );

  it.each([
    ['Exchange', 'exchange'],
    ['a server that does not expand series', FOREIGN],
  ])('holds tomorrow’s occurrence of a series that began two years ago, on %s (trap 11)', async (_, personality) => {
    await calendar.control('PATCH', '/settings', { personality });
    const mailbox = await SyncedMailbox.make(calendar, db.database);
    await calendar.put(mailbox.address, [daily('old', -730, 732)]);
    await mailbox.sync();
    const cached = await mailbox.cached();
    expect(JSON.stringify(cached)).toContain(morning(1).slice(0, 10));
    expect(cached).toEqual(await mailbox.truth());
  });

  it('holds what the server lists, loses nothing, and gives up soon with a reason when one hour holds too many', async () => {
    const mailbox = await SyncedMailbox.make(calendar, db.database);
    await calendar.put(mailbox.address, [item('known', 1), item('stays', 4)]);
    await mailbox.sync();
    await calendar.control('PATCH', '/settings', { findCountLimit: 5 });
    await calendar.control('DELETE', '/journal');
    await calendar.put(mailbox.address, [
      ...Array.from({ length: 6 }, (_, n) => item(`crowd ${n}`, 2)),
      item('later', 9),
    ]);
    await expect(mailbox.sync()).rejects.toMatchObject({ code: 'sync-window-too-full' });
    const journal = await calendar.control<{ operation: string }[]>('GET', '/journal');
    expect(journal.filter(({ operation }) => operation === 'FindItem').length).toBeLessThan(40);
    const subjects = (await mailbox.cached()).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.startsWith('crowd'))).toHaveLength(5);
    expect(subjects).toEqual(expect.arrayContaining(['known', 'stays', 'later']));
    await calendar.control('PATCH', '/settings', { findCountLimit: 1000 });
  });

  it.each([
    ['Exchange', 'exchange'],
    ['a server that does not expand series', FOREIGN],
  ])('follows exceptions of %s over the edge of the window, out and in', async (_, personality) => {
    await calendar.control('PATCH', '/settings', { personality });
    const mailbox = await SyncedMailbox.make(calendar, db.database);
    const weekly = { pattern: 'weekly', interval: 8, daysOfWeek: [weekday(1)], startDate: morning(-55).slice(0, 10) };
    await calendar.put(mailbox.address, [item('series', -55, { recurrence: weekly })]);
    await mailbox.sync();
    const subjects = async () => (await mailbox.cached()).map(({ kind }) => kind);
    expect(await subjects()).toEqual(['occurrence']);
    const [before, within] = await calendar.truth(mailbox.address, {
      from: new Date(Date.now() - 60 * DAY_MS),
      to: new Date(Date.now() + 30 * DAY_MS),
    });
    const at = (days: number) => ({
      'calendar:Start': new Date(Date.now() + days * DAY_MS).toISOString().replace(/\.\d+/u, ''),
      'calendar:End': new Date(Date.now() + days * DAY_MS + HOUR_MS).toISOString().replace(/\.\d+/u, ''),
    });
    await calendar.change(mailbox.address, within?.itemId ?? '', at(45));
    await mailbox.sync();
    expect(await subjects()).toEqual([]);
    await calendar.change(mailbox.address, before?.itemId ?? '', at(-20));
    await mailbox.sync();
    expect(await subjects()).toEqual(['exception']);
    expect(await mailbox.cached()).toEqual(await mailbox.truth());
  });

  it('finds silent changes of occurrences by the repair, and at once when the sync state is lost', async () => {
    await calendar.control('PATCH', '/settings', { personality: 'grommunio' });
    const mailbox = await SyncedMailbox.make(calendar, db.database);
    const { address } = mailbox;
    const [series] = await calendar.put(address, [daily('series', 1, 5)]);
    await mailbox.sync();
    const silently = (days: number, change: object) =>
      calendar.control('POST', '/silent-changes', {
        ...{ mailbox: address, itemId: series?.itemId, originalDate: morning(days).slice(0, 10) },
        ...change,
      });
    await silently(2, { subject: 'moved silently' });
    await silently(3, { deleted: true });
    expect(await mailbox.sync()).toMatchObject({ read: 'nothing' });
    await mailbox.wait(7);
    expect(await mailbox.sync()).toMatchObject({ read: 'repair', silent: 2 });
    expect(await mailbox.cached()).toEqual(await mailbox.truth());
    await silently(4, { location: 'elsewhere' });
    await calendar.control('POST', `/sync-states/lose?mailbox=${address}`);
    expect(await mailbox.sync()).toMatchObject({ read: 'window' });
    expect(await mailbox.cached()).toEqual(await mailbox.truth());
  });
});

/** Name of the day of the week that is so many days from today. */
function weekday(days: number): string {
  const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  return names[new Date(Date.now() + days * DAY_MS).getUTCDay()] ?? '';
}
