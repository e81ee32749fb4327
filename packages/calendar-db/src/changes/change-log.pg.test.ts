import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ageOutOccurrences } from '../sync/sync-results.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { isRecoverable, noticeLogRegression, pruneChanges, readChanges, readLogHead } from './change-log.ts';
import { readTouchedEvents, readTouchedEventsOf } from './touched-events.ts';

const anna = 'anna@corp.example';
const boris = 'boris@corp.example';

describe('the change log', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());
  beforeEach(() => db.clear());

  async function position() {
    const { epoch, head } = await readLogHead(db.database);
    return { epoch, seq: head };
  }

  /** Makes changes older than they are. */
  async function age(days: number): Promise<void> {
    await db.database.query('UPDATE calendar.change SET at = at - make_interval(days => $1)', [days]);
  }

  it('tells only what somebody can see: a dismissed reminder or another item id is nothing', async () => {
    const occurrence = sampleOccurrence({ attendees: [sampleAttendee(boris)] });
    await saveToMailbox(db.database, anna, { occurrences: [occurrence] });
    const { seq } = await position();
    const touched = {
      ...occurrence,
      itemId: 'another',
      viewDigest: 'another',
      lastModified: new Date(Date.now() + 1_000),
    };
    await saveToMailbox(db.database, anna, { occurrences: [touched] });
    expect(await readChanges(db.database, seq)).toEqual([]);
    await saveToMailbox(db.database, anna, { occurrences: [{ ...touched, subject: 'new' }] });
    expect(await readChanges(db.database, seq)).toEqual([
      {
        seq: expect.any(Number),
        kind: 'event',
        eventId: occurrence.eventId,
        mailboxId: 1,
        audience: [anna, boris],
        at: expect.any(Date),
      },
    ]);
    expect(await readChanges(db.database, seq, 0)).toEqual([]);
  });

  it('tells when the details of an event come that were missing, though all that shows stays the same', async () => {
    const occurrence = sampleOccurrence({ details: 'missing' });
    await saveToMailbox(db.database, anna, { occurrences: [occurrence] });
    const { seq } = await position();
    await saveToMailbox(db.database, anna, { occurrences: [{ ...occurrence, details: 'read' }] });
    expect(await readChanges(db.database, seq)).toMatchObject([{ kind: 'event', eventId: occurrence.eventId }]);
  });

  it('keeps its head when everything was pruned, and says which positions are lost', async () => {
    const start = await position();
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence(), sampleOccurrence()] });
    const old = await position();
    await age(8);
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence()] });
    const recent = await position();
    expect(await pruneChanges(db.database)).toBe(3);
    const head = await readLogHead(db.database);
    expect(head).toEqual({ epoch: start.epoch, head: recent.seq, pruned: old.seq });
    expect(isRecoverable(start, head)).toBe(false);
    expect(isRecoverable(old, head)).toBe(true);
    expect(isRecoverable(recent, head)).toBe(true);
    expect(isRecoverable({ ...recent, seq: recent.seq + 1 }, head)).toBe(false);
    expect(isRecoverable({ ...recent, epoch: 'another' }, head)).toBe(false);
    await age(8);
    await pruneChanges(db.database);
    expect(await readLogHead(db.database)).toEqual({ epoch: start.epoch, head: recent.seq, pruned: recent.seq });
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence()] });
    expect((await readChanges(db.database, recent.seq)).map((change) => change.seq)).toEqual([recent.seq + 1]);
  });

  it('is pruned in pieces, oldest first, while somebody holds its lock', async () => {
    await db.database.query(
      "INSERT INTO calendar.change (kind, audience, at) SELECT 'viewer', '{}', now() - interval '9 days' FROM generate_series(1, 12000)",
    );
    await db.database.query("INSERT INTO calendar.change (kind, audience) VALUES ('viewer', '{}')");
    await db.database.transaction(async (client) => {
      await client.query('SELECT calendar.lock_changes()');
      expect(await pruneChanges(db.database)).toBe(12_000);
    });
    expect(await readLogHead(db.database)).toMatchObject({ head: 12_001, pruned: 12_000 });
  });

  it('gets another epoch, once, when readers find that it went back', async () => {
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence(), sampleOccurrence()] });
    const seen = await position();
    expect(await noticeLogRegression(db.database, seen)).toBe(false);
    await db.database.query('DELETE FROM calendar.change WHERE seq = $1', [seen.seq]);
    const noticed = await Promise.all(Array.from({ length: 5 }, () => noticeLogRegression(db.database, seen)));
    expect(noticed.filter(Boolean)).toHaveLength(1);
    const head = await readLogHead(db.database);
    expect(head.epoch).not.toBe(seen.epoch);
    expect(isRecoverable({ ...seen, seq: head.head }, head)).toBe(false);
    expect(await noticeLogRegression(db.database, seen)).toBe(false);
  });

  it('has another epoch in a copy of the database', async () => {
    const copy = await createTestDatabase();
    try {
      expect((await readLogHead(copy.database)).epoch).not.toBe((await readLogHead(db.database)).epoch);
      expect((await readLogHead(db.database)).epoch).toBe((await position()).epoch);
    } finally {
      await copy.drop();
    }
  });

  it('says silently that something aged, unless another copy is still in the window', async () => {
    const before = new Date('2030-02-01T00:00:00Z');
    const [old, kept] = [
      sampleOccurrence({ start: new Date('2030-01-01T00:00:00Z') }),
      sampleOccurrence({ start: new Date('2030-01-02T00:00:00Z') }),
    ];
    const mailboxId = await saveToMailbox(db.database, anna, { occurrences: [old, kept] });
    await saveToMailbox(db.database, boris, { occurrences: [{ ...kept, start: before, end: before }] });
    const { seq } = await position();
    expect(await ageOutOccurrences(db.database, mailboxId, before)).toBe(2);
    expect((await readChanges(db.database, seq)).map(({ kind, eventId }) => [kind, eventId])).toEqual([
      ['aged', old.eventId],
      ['gone', kept.eventId],
    ]);
    const [touched] = await readTouchedEvents(db.database, [{ viewer: anna, after: seq }], seq + 10, 10);
    expect(touched?.eventIds).toEqual([kept.eventId]);
  });

  it('gives those who wait the same, read together or one by one', async () => {
    const viewers = ['a', 'b', 'c'];
    const ids = Array.from({ length: 4 }, () => randomUUID());
    const change = fc.record({
      kind: fc.constantFrom('event', 'event', 'event', 'gone', 'conference', 'aged', 'viewer', 'mailbox'),
      event: fc.constantFrom(...ids),
      audience: fc.subarray(viewers),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 30 }),
        fc.array(fc.record({ viewer: fc.constantFrom(...viewers), back: fc.nat(35) }), { minLength: 1, maxLength: 5 }),
        fc.nat(5),
        async (changes, waiters, limit) => {
          const { seq: start } = await position();
          for (const { kind, event, audience } of changes) {
            const eventId = kind === 'viewer' || kind === 'mailbox' ? null : event;
            await db.database.query('INSERT INTO calendar.change (kind, event_id, audience) VALUES ($1, $2, $3)', [
              kind,
              eventId,
              audience,
            ]);
          }
          const { seq: head } = await position();
          const waiting = waiters.map(({ viewer, back }) => ({ viewer, after: Math.max(start, head - back) }));
          const together = await readTouchedEvents(db.database, waiting, head, limit);
          const alone = await Promise.all(waiting.map((one) => readTouchedEventsOf(db.database, one, head, limit)));
          expect(together).toEqual(alone);
          for (const { viewer, after, eventIds, resync } of together) {
            const his = changes.filter(
              ({ audience, kind }, place) => start + place + 1 > after && audience.includes(viewer) && kind !== 'aged',
            );
            const plain = his.filter(({ kind }) => kind !== 'viewer' && kind !== 'mailbox');
            const all = [...new Set(plain.map(({ event }) => event))].sort();
            expect(resync).toBe(plain.length < his.length);
            expect(eventIds).toEqual(all.slice(0, limit + 1));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('makes a viewer whose position was pruned meanwhile begin anew', async () => {
    await saveToMailbox(db.database, anna, { occurrences: [sampleOccurrence()] });
    await age(8);
    await pruneChanges(db.database);
    const { seq } = await position();
    const lost = { viewer: boris, after: seq - 1 };
    expect(await readTouchedEvents(db.database, [lost, { viewer: boris, after: seq }], seq, 10)).toMatchObject([
      { resync: true },
      { resync: false },
    ]);
    expect(await readTouchedEventsOf(db.database, lost, seq, 10)).toMatchObject({ resync: true });
  });
});
