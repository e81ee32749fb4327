import { readFile } from 'node:fs/promises';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedCalendar } from '../time/simulated-calendar.ts';
import { SyncedMailbox } from '../time/synced-mailbox.ts';

interface SeedCase {
  readonly items: readonly Readonly<Record<string, string>>[];
}
interface FaultCase {
  readonly fault: Readonly<Record<string, unknown>>;
  readonly then_seed: { readonly items: readonly Readonly<Record<string, unknown>>[] };
}

const TIMEOUT_MS = 60_000;
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

/** A case with its days filled in. */
async function readCase<Case>(name: string): Promise<Case> {
  const text = await readFile(new URL(name, import.meta.url), 'utf8');
  return JSON.parse(
    text.replaceAll('TOMORROW', TOMORROW).replaceAll(/D\+1 (\d\d:\d\d)/gu, `${TOMORROW}T$1:00Z`),
  ) as Case;
}

describe('what went wrong with real calendars', () => {
  let calendar: SimulatedCalendar;
  let db: TestDatabase;
  let mailbox: SyncedMailbox;
  beforeAll(async () => {
    [calendar, db] = await Promise.all([SimulatedCalendar.start(), createTestDatabase()]);
  });
  beforeEach(async () => {
    mailbox = await SyncedMailbox.make(calendar, db.database);
  });
  afterAll(() => Promise.all([calendar.close(), db.drop()]));

  const subjects = async () => (await mailbox.cached()).map(({ subject }) => subject);
  const details = async () => {
    const { rows } = await db.database.query<{ details: string }>(
      'SELECT details FROM calendar.event JOIN calendar.mailbox USING (mailbox_id) WHERE address = $1',
      [mailbox.address],
    );
    return rows.map((row) => row.details);
  };
  /** Lets the pause pass until what could not be read is asked for again. */
  const pass = () =>
    db.database.query('UPDATE calendar.mailbox SET reread_at = clock_timestamp(), next_sync_at = clock_timestamp()');

  it(
    'two singles with one UID are both shown, also when they move, and keep their ids',
    async () => {
      const { items } = await readCase<SeedCase>('two-singles-one-uid.json');
      const put = await calendar.put(
        mailbox.address,
        items.map(({ mailbox: _, ...item }) => item),
      );
      await mailbox.sync();
      expect(await subjects()).toEqual(['Morning', 'Evening']);
      await calendar.change(mailbox.address, put[0]!.itemId, { 'item:Subject': 'Early' });
      await mailbox.sync();
      expect(await subjects()).toEqual(['Early', 'Evening']);
    },
    TIMEOUT_MS,
  );

  it(
    'two series with one UID are both shown, each with its own people',
    async () => {
      const series = (subject: string, hour: string, guest: string) => ({
        ...{ subject, uid: 'same series', timeZone: 'UTC', requiredAttendees: [guest] },
        ...{ start: `${TOMORROW}T${hour}:00:00`, end: `${TOMORROW}T${hour}:30:00` },
        recurrence: { pattern: 'daily', startDate: TOMORROW, count: 3 },
      });
      await calendar.put(mailbox.address, [
        series('Morning', '09', 'early@corp.example'),
        series('Evening', '18', 'late@corp.example'),
      ]);
      await mailbox.sync();
      expect(await subjects()).toEqual(['Morning', 'Evening', 'Morning', 'Evening', 'Morning', 'Evening']);
      const { rows } = await db.database.query<{ subject: string; guest: string }>(
        `SELECT DISTINCT subject, attendees -> 0 ->> 'address' AS guest FROM calendar.event JOIN calendar.mailbox USING (mailbox_id)
         WHERE address = $1 ORDER BY subject`,
        [mailbox.address],
      );
      expect(rows).toEqual([
        { subject: 'Evening', guest: 'late@corp.example' },
        { subject: 'Morning', guest: 'early@corp.example' },
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'a series whose master is missed once is whole after the next look',
    async () => {
      const { fault, then_seed } = await readCase<FaultCase>('skipped-once.json');
      await mailbox.sync();
      await calendar.control('POST', '/faults', { ...fault, mailbox: mailbox.address });
      await calendar.put(
        mailbox.address,
        then_seed.items.map(({ mailbox: _, ...item }) => item),
      );
      expect(await mailbox.sync()).toMatchObject({ skipped: 5 });
      await pass();
      expect(await mailbox.sync()).toMatchObject({ read: 'window', skipped: 0 });
      expect(await mailbox.cached()).toEqual(await mailbox.truth());
      expect(await details()).toEqual(['read', 'read', 'read', 'read', 'read']);
    },
    TIMEOUT_MS,
  );

  it.each(['ErrorRecurrenceHasNoOccurrence', 'ErrorCorruptData', 'ErrorItemNotFound'])(
    'a series whose master answers %s for good is shown by the view, and others beside it are whole',
    async (code) => {
      await mailbox.sync();
      const action = { form: 'responseMessage', code, positions: [2] };
      await calendar.control('POST', '/faults', { operation: 'GetItem', mailbox: mailbox.address, times: 1, action });
      await calendar.control('POST', '/faults', {
        ...{ operation: 'GetItem', mailbox: mailbox.address, times: null },
        action: { form: 'responseMessage', code },
      });
      const hour = (subject: string) => ({ subject, start: `${TOMORROW}T09:00:00Z`, end: `${TOMORROW}T10:00:00Z` });
      const series = { ...hour('series'), recurrence: { pattern: 'daily', startDate: TOMORROW, count: 5 } };
      await calendar.put(mailbox.address, [hour('a'), hour('c'), series]);
      expect(await mailbox.sync()).toMatchObject({ skipped: 5 });
      expect(await mailbox.cached()).toEqual(await mailbox.truth());
      expect((await details()).sort()).toEqual(['missing', 'missing', 'missing', 'missing', 'missing', 'read', 'read']);
      await calendar.control('DELETE', '/faults');
      await pass();
      await mailbox.sync();
      expect(new Set(await details())).toEqual(new Set(['read']));
    },
    TIMEOUT_MS,
  );
});
