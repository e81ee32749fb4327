import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Queryable } from '../database/query.ts';
import { sampleAttendee, sampleOccurrence } from '../testing/sample-calendar.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { registerMailboxes } from './mailbox-registration.ts';
import { claimDueMailboxes, type ListedMailbox, type MailboxLease } from './mailboxes.ts';
import {
  applySyncChunk,
  type LiveOccurrence,
  liveOccurrences,
  readCachedOccurrences,
  type SyncChunk,
  type SyncedOccurrence,
} from './sync-results.ts';

let db: TestDatabase;
let address: string;
let state: number;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  address = `${randomUUID()}@corp.example`;
  state = 0;
  await registerMailboxes(db.database, 'test', [address], { groupSize: 150, move: true });
});

async function claim(): Promise<MailboxLease> {
  const { rows } = await db.database.query<{ group: string }>(
    'UPDATE calendar.mailbox SET lease_until = NULL WHERE address = $1 RETURNING sync_group AS "group"',
    [address],
  );
  const groups = rows.map(({ group }) => group);
  const reachable = { providers: ['test'], has: (mailbox: ListedMailbox) => mailbox.address === address };
  const terms = { workerId: randomUUID(), groups, limit: 1, leaseSeconds: 30, rescueSeconds: 60, aheadSeconds: 0 };
  const { leases } = await claimDueMailboxes(db.database, { ...terms, reachable });
  const [lease] = leases;
  if (lease === undefined) throw new Error('not due');
  return lease;
}

const completion = (cached = false) => ({ syncState: `${++state}`, folderId: 'f', nextSyncSeconds: 0, cached });

async function save(occurrences: SyncedOccurrence[], gone: string[] = []): Promise<number | null> {
  return applySyncChunk(db.database, await claim(), { occurrences, gone, done: completion() });
}

async function cached(mailboxId: number) {
  const { rows } = await db.database.query<{ id: string }>(
    'SELECT event_id AS id FROM calendar.event WHERE mailbox_id = $1',
    [mailboxId],
  );
  return readCachedOccurrences(db.database, mailboxId, { eventIds: rows.map(({ id }) => id) });
}

async function told(eventId: string) {
  const { rows } = await db.database.query<{
    previous_start: Date | null;
    changed_fields: string[];
    gone: boolean;
    subject: string;
  }>(
    'SELECT previous_start, changed_fields, gone_at IS NOT NULL AS gone, subject FROM calendar.event WHERE event_id = $1',
    [eventId],
  );
  return rows[0];
}

describe('applySyncChunk', () => {
  it('keeps lease and sync state until the last chunk, which ends both and makes the mailbox cached', async () => {
    const lease = await claim();
    const first: SyncChunk = { occurrences: [sampleOccurrence()], gone: [], done: null };
    expect(await applySyncChunk(db.database, lease, first)).toBe(1);
    const read = async () =>
      (
        await db.database.query(
          'SELECT sync_state, cached_at IS NOT NULL AS cached, lease_owner FROM calendar.mailbox WHERE address = $1',
          [address],
        )
      ).rows[0];
    expect(await read()).toEqual({ sync_state: null, cached: false, lease_owner: lease.leaseOwner });
    const last: SyncChunk = { occurrences: [sampleOccurrence()], gone: [], done: completion(true) };
    expect(await applySyncChunk(db.database, lease, last)).toBe(1);
    expect(await read()).toEqual({ sync_state: '1', cached: true, lease_owner: null });
    expect(await applySyncChunk(db.database, lease, last)).toBeNull();
  });

  it.each([
    ['the lease ran out', 'lease_until = clock_timestamp()'],
    ['another worker has it', 'lease_owner = gen_random_uuid()'],
    ['the lease is a later one', 'lease_token = lease_token + 1'],
    ['the sync state moved on', "sync_state = 'moved'"],
  ])('applies nothing when %s', async (_, change) => {
    const lease = await claim();
    await db.database.query(`UPDATE calendar.mailbox SET ${change} WHERE address = $1`, [address]);
    const chunk: SyncChunk = { occurrences: [sampleOccurrence()], gone: [], done: completion() };
    expect(await applySyncChunk(db.database, lease, chunk)).toBeNull();
    expect(await cached(lease.mailboxId)).toEqual([]);
  });

  it('tells what changed last, and from when a meeting was moved, until the next change of that kind', async () => {
    const first = sampleOccurrence({ attendees: [sampleAttendee('boris@corp.example')] });
    await save([first]);
    const moved = { ...first, start: first.end, end: new Date(first.end.getTime() + 60_000) };
    await save([moved]);
    expect(await told(first.eventId)).toMatchObject({ previous_start: first.start, changed_fields: ['start', 'end'] });
    const answered = { ...moved, attendees: [sampleAttendee('boris@corp.example', { response: 'accepted' })] };
    await save([answered]);
    expect(await told(first.eventId)).toMatchObject({ previous_start: first.start, changed_fields: ['start', 'end'] });
    await save([{ ...answered, subject: 'renamed', location: 'elsewhere', isCancelled: true, attendees: [] }]);
    const changed_fields = ['title', 'location', 'attendees', 'cancelled'];
    expect(await told(first.eventId)).toMatchObject({ previous_start: first.start, changed_fields });
  });

  it('writes nothing for what is already so', async () => {
    const occurrence = sampleOccurrence();
    expect(await save([occurrence])).toBe(1);
    const { rows: before } = await db.database.query('SELECT max(seq) FROM calendar.change');
    expect(await save([occurrence], [randomUUID()])).toBe(0);
    const { rows: after } = await db.database.query('SELECT max(seq) FROM calendar.change');
    expect(after).toEqual(before);
  });

  describe('of occurrences that name the same people', () => {
    const people = Array.from({ length: 200 }, (_, place) => sampleAttendee(`guest-${place}@corp.example`));
    const series = (count: number) => Array.from({ length: count }, () => sampleOccurrence({ attendees: [...people] }));

    it('sends and looks up the people once', async () => {
      const asked: string[] = [];
      const counted: Queryable = {
        query: (query, ...given) => {
          asked.push(JSON.stringify(given));
          return db.database.query(query, ...given);
        },
      };
      const chunk = { gone: [], done: null };
      await applySyncChunk(counted, await claim(), { occurrences: series(1), ...chunk });
      await applySyncChunk(counted, await claim(), { occurrences: series(20), ...chunk });
      expect(asked[1]!.length - 20 * 1_500).toBeLessThan(asked[0]!.length);
    });

    it('writes nothing for what is already so, whichever rows it comes with', async () => {
      const [first, second, other] = [...series(2), sampleOccurrence({ attendees: people.slice(1) })];
      expect(await save([first!, second!, other!])).toBe(3);
      expect(await save([other!, second!])).toBe(0);
      expect(await save([{ ...first!, attendees: people.slice(1) }, second!, other!])).toBe(1);
      const { rows } = await db.database.query<{ people: number }>(
        'SELECT jsonb_array_length(attendees) AS people FROM calendar.event WHERE event_id = ANY ($1) ORDER BY 1',
        [[first!.eventId, second!.eventId, other!.eventId]],
      );
      expect(rows.map((row) => row.people)).toEqual([199, 199, 200]);
    });
  });

  it('buries an event once, and takes one back that returns, as new', async () => {
    const occurrence = sampleOccurrence();
    await save([occurrence]);
    expect(await save([], [occurrence.eventId])).toBe(1);
    expect(await save([], [occurrence.eventId])).toBe(0);
    expect(await told(occurrence.eventId)).toMatchObject({ gone: true });
    const { mailboxId } = await claim();
    expect(await cached(mailboxId)).toMatchObject([{ gone: true }]);
    const start = new Date(occurrence.start.getTime() + 1_000);
    expect(await save([{ ...occurrence, start }])).toBe(1);
    expect(await told(occurrence.eventId)).toMatchObject({ gone: false, previous_start: null, changed_fields: [] });
  });

  it('takes back the very same event too', async () => {
    const occurrence = sampleOccurrence();
    await save([occurrence]);
    await save([], [occurrence.eventId]);
    expect(await save([occurrence])).toBe(1);
    expect(await told(occurrence.eventId)).toMatchObject({ gone: false });
  });

  it('stores texts that Postgres cannot hold as they are', async () => {
    const occurrence = sampleOccurrence({
      subject: 'a\0b\ud800c',
      categories: ['x\0'],
      joinLinks: ['https://zoom.us/j/1\0\ud83d'],
    });
    await save([occurrence]);
    expect(await told(occurrence.eventId)).toMatchObject({ subject: 'ab\ufffdc' });
  });
});

describe('the cache of a mailbox', () => {
  it('is read by item and by event, and its live events page by page in order', async () => {
    const start = new Date('2026-03-01T10:00:00Z');
    const many = Array.from({ length: 1_203 }, (_, n) => {
      // Many begin at the same moment: pages must not lose those at their borders.
      const begin = new Date(start.getTime() + Math.floor(n / 300) * 3_600_000);
      return sampleOccurrence({ itemId: `item ${n}`, start: begin, end: begin });
    });
    for (let from = 0; from < many.length; from += 500) await save(many.slice(from, from + 500));
    await save([], [many[7]?.eventId ?? '']);
    const { mailboxId } = await claim();
    const [a, b] = [many[3], many[7]];
    const held = await readCachedOccurrences(db.database, mailboxId, {
      itemIds: [a?.itemId ?? ''],
      eventIds: [b?.eventId ?? ''],
    });
    expect(held.map(({ itemId, gone }) => [itemId, gone]).sort()).toEqual([
      ['item 3', false],
      ['item 7', true],
    ]);
    const pages: LiveOccurrence[][] = [];
    for await (const page of liveOccurrences(db.database, mailboxId)) pages.push(page);
    expect(pages.map((page) => page.length)).toEqual([1_000, 202]);
    expect(new Set(pages.flat().map(({ itemId }) => itemId)).size).toBe(1_202);
  });
});
