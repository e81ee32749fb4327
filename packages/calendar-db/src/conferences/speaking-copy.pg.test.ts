import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SyncedOccurrence } from '../sync/sync-results.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { readEventViews } from '../views/event-views.ts';
import { readEventFacts } from './conference-plans.ts';

const [ANNA, BORIS, CHLOE, DMITRI] = ['anna', 'boris', 'chloe', 'dmitri'].map((name) => `${name}@corp.example`) as [
  string,
  string,
  string,
  string,
];

const HOUR = 3_600_000;
const EARLIER = new Date('2026-03-01T08:00:00Z');
const LATER = new Date('2026-03-01T09:00:00Z');

describe('the copy that speaks for an event', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());
  beforeEach(() => db.clear());

  const meeting = (organizer: string, itemId: string) =>
    sampleOccurrence({
      itemId,
      organizer: { address: organizer, name: organizer },
      attendees: [BORIS, CHLOE, DMITRI].map((address) => sampleAttendee(address)),
    });

  /** Whose copy the planner is told, and whether a person without a mailbox is shown the event. */
  async function spoken(eventId: string) {
    const [facts] = await readEventFacts(db.database, [eventId]);
    const { views } = await readEventViews(db.database, [{ viewer: DMITRI, eventId }], { participants: true });
    const speaking = facts?.speaking?.owner;
    return { speaking, shown: views.length > 0 };
  }

  it('is the organizer’s, also when it was deleted', async () => {
    const event = meeting(ANNA, 'of-anna');
    await saveToMailbox(db.database, BORIS, { occurrences: [event] });
    await saveToMailbox(db.database, ANNA, { occurrences: [event] });
    expect(await spoken(event.eventId)).toEqual({ speaking: ANNA, shown: true });
    await saveToMailbox(db.database, ANNA, { gone: [event.eventId] });
    expect(await spoken(event.eventId)).toEqual({ speaking: ANNA, shown: false });
  });

  it('is the one that spoke before where the organizer has none, also when its owner deletes it', async () => {
    const event = meeting('eve@out.example', 'of-eve');
    await saveToMailbox(db.database, CHLOE, { occurrences: [event] });
    await saveToMailbox(db.database, BORIS, { occurrences: [event] });
    expect(await spoken(event.eventId)).toEqual({ speaking: CHLOE, shown: true });
    await saveToMailbox(db.database, CHLOE, { gone: [event.eventId] });
    expect(await spoken(event.eventId)).toEqual({ speaking: CHLOE, shown: true });
    await saveToMailbox(db.database, BORIS, { gone: [event.eventId] });
    expect(await spoken(event.eventId)).toEqual({ speaking: CHLOE, shown: false });
  });

  it.each([
    ['of the higher sequence', { sequence: 0, stamp: LATER }, { sequence: 1, stamp: EARLIER }],
    ['of the later stamp, of one sequence', { sequence: 1, stamp: EARLIER }, { sequence: 1, stamp: LATER }],
    ['that tells a sequence', { sequence: null, stamp: null }, { sequence: 0, stamp: EARLIER }],
    [
      'that is cancelled, of one invitation',
      { sequence: 1, stamp: EARLIER },
      { sequence: 1, stamp: EARLIER, isCancelled: true },
    ],
  ])('is the guest’s %s, whichever came first', async (_, older, newer) => {
    for (const first of ['older', 'newer']) {
      const event = meeting('eve@out.example', `of-eve-${first}`);
      const [before, after] = first === 'older' ? [older, newer] : [newer, older];
      await saveToMailbox(db.database, BORIS, { occurrences: [{ ...event, ...before }] });
      await saveToMailbox(db.database, CHLOE, { occurrences: [{ ...event, ...after }] });
      expect((await spoken(event.eventId)).speaking).toBe(first === 'older' ? CHLOE : BORIS);
    }
  });

  it('is a room’s or a private one only where there is no other', async () => {
    for (const [itemId, weak] of [
      ['room', { attendees: [sampleAttendee(BORIS, { role: 'resource' }), sampleAttendee(CHLOE)] }],
      ['private', { sensitivity: 'private' }],
    ] as const) {
      const event = meeting('eve@out.example', itemId);
      await saveToMailbox(db.database, BORIS, { occurrences: [{ ...event, ...weak, sequence: 5, stamp: LATER }] });
      expect((await spoken(event.eventId)).speaking).toBe(BORIS);
      await saveToMailbox(db.database, CHLOE, { occurrences: [{ ...event, sequence: 0, stamp: EARLIER }] });
      expect((await spoken(event.eventId)).speaking).toBe(CHLOE);
    }
  });

  it('stays with the organizer that it named first: a forged invitation under its UID takes nothing over', async () => {
    const event = meeting('eve@out.example', 'of-eve');
    await saveToMailbox(db.database, BORIS, { occurrences: [{ ...event, sequence: 0, stamp: EARLIER }] });
    const forged = { ...meeting('mallory@out.example', 'of-eve'), eventId: event.eventId, sequence: 99, stamp: LATER };
    await saveToMailbox(db.database, CHLOE, { occurrences: [forged] });
    expect((await spoken(event.eventId)).speaking).toBe(BORIS);
  });

  it('is a guest’s with details before one without, but the organizer’s whatever it lacks', async () => {
    const event = meeting(ANNA, 'without-details');
    const missing = { ...event, attendees: [], details: 'missing' as const };
    await saveToMailbox(db.database, BORIS, { occurrences: [missing] });
    expect((await spoken(event.eventId)).speaking).toBe(BORIS);
    await saveToMailbox(db.database, CHLOE, { occurrences: [event] });
    expect((await spoken(event.eventId)).speaking).toBe(CHLOE);
    await saveToMailbox(db.database, ANNA, { occurrences: [missing] });
    expect((await spoken(event.eventId)).speaking).toBe(ANNA);
    const [facts] = await readEventFacts(db.database, [event.eventId]);
    expect(facts?.speaking).toMatchObject({ details: 'missing', isDuplicate: false });
  });

  it('is another one when its mailbox is removed', async () => {
    const event = meeting('eve@out.example', 'of-eve');
    for (const owner of [BORIS, CHLOE]) await saveToMailbox(db.database, owner, { occurrences: [event] });
    await db.database.query('DELETE FROM calendar.mailbox WHERE address = $1', [BORIS]);
    expect((await spoken(event.eventId)).speaking).toBe(CHLOE);
  });

  describe('of a meeting whose organizer has no mailbox here', () => {
    const invited = {
      sequence: 1,
      stamp: EARLIER,
      subject: 'Review',
      location: 'Room 2',
      joinLinks: ['https://conf.example/c/42'],
    };
    const own = { subject: 'my notes', location: 'at home', joinLinks: [], preview: 'mine' };

    /** Time and texts that the planner and a person without a mailbox are given. */
    async function said(eventId: string) {
      const [facts] = await readEventFacts(db.database, [eventId]);
      const copy = facts?.speaking;
      const { views } = await readEventViews(db.database, [{ viewer: DMITRI, eventId }], { participants: true });
      const [view] = views;
      const told = {
        startMs: view?.start.getTime(),
        subject: view?.subject,
        location: view?.location,
        joinLinks: view?.joinLinks,
      };
      expect(told).toEqual({
        startMs: copy?.startMs,
        subject: copy?.subject,
        location: copy?.location,
        joinLinks: copy?.joinLinks,
      });
      return { startMs: copy?.startMs, subject: copy?.subject, joinLinks: copy?.joinLinks };
    }

    it('says what the invitation said, whatever its owner drags, renames or deletes, and its owner sees his own', async () => {
      const event = { ...meeting('eve@out.example', 'of-eve'), ...invited };
      const asInvited = { startMs: event.start.getTime(), subject: 'Review', joinLinks: invited.joinLinks };
      const moved = { start: new Date(event.start.getTime() + HOUR), end: new Date(event.end.getTime() + HOUR) };
      await saveToMailbox(db.database, BORIS, { occurrences: [event] });
      await saveToMailbox(db.database, BORIS, { occurrences: [{ ...event, ...moved }] });
      expect(await said(event.eventId)).toEqual(asInvited);
      await saveToMailbox(db.database, BORIS, { occurrences: [{ ...event, ...moved, ...own }] });
      expect(await said(event.eventId)).toEqual(asInvited);
      const { views } = await readEventViews(db.database, [{ viewer: BORIS, eventId: event.eventId }], {
        participants: true,
      });
      expect(views).toMatchObject([{ subject: 'my notes', start: moved.start }]);
      // Dragged back, there is nothing left to keep.
      await saveToMailbox(db.database, BORIS, { occurrences: [event] });
      const { rows } = await db.database.query('SELECT invited FROM calendar.event WHERE event_id = $1', [
        event.eventId,
      ]);
      expect(rows).toEqual([{ invited: null }]);
    });

    it.each([
      ['sequence', { sequence: 2, stamp: EARLIER }],
      ['stamp', { sequence: 1, stamp: LATER }],
    ])('says what a later invitation says, known by its %s', async (_, later) => {
      const event = { ...meeting('eve@out.example', 'of-eve'), ...invited };
      const dragged = {
        ...event,
        start: new Date(event.start.getTime() + HOUR),
        end: new Date(event.end.getTime() + HOUR),
      };
      await saveToMailbox(db.database, BORIS, { occurrences: [event] });
      await saveToMailbox(db.database, BORIS, { occurrences: [dragged] });
      await saveToMailbox(db.database, BORIS, { occurrences: [{ ...dragged, ...later }] });
      expect((await said(event.eventId)).startMs).toBe(dragged.start.getTime());
    });

    it('says what the calendar says where the server tells no sequence', async () => {
      const event = { ...meeting('eve@out.example', 'of-eve'), ...invited, sequence: null, stamp: null };
      await saveToMailbox(db.database, BORIS, { occurrences: [event] });
      await saveToMailbox(db.database, BORIS, { occurrences: [{ ...event, subject: 'Moved' }] });
      expect((await said(event.eventId)).subject).toBe('Moved');
    });

    it('never changes by what guests do to their copies, in any order', async () => {
      const act = fc.record({
        who: fc.constantFrom(BORIS, CHLOE, DMITRI),
        what: fc.constantFrom('drag', 'rename', 'unlink', 'delete', 'restore', 'categorize', 'answer'),
        hours: fc.integer({ min: -3, max: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
          const event = { ...meeting('eve@out.example', 'of-eve'), ...invited };
          const copies = new Map<string, SyncedOccurrence>([BORIS, CHLOE, DMITRI].map((owner) => [owner, event]));
          for (const owner of copies.keys()) await saveToMailbox(db.database, owner, { occurrences: [event] });
          for (const { who, what, hours } of acts) {
            const copy: SyncedOccurrence = copies.get(who) ?? event;
            const changed = changedBy(copy, what, hours);
            copies.set(who, changed);
            if (what === 'delete') await saveToMailbox(db.database, who, { gone: [event.eventId] });
            else await saveToMailbox(db.database, who, { occurrences: [changed] });
            const [facts] = await readEventFacts(db.database, [event.eventId]);
            expect(facts?.speaking).toMatchObject({
              startMs: event.start.getTime(),
              subject: event.subject,
              joinLinks: event.joinLinks,
              location: event.location,
            });
          }
        }),
        { numRuns: 10 },
      );
    });
  });
});

function changedBy(copy: SyncedOccurrence, what: string, hours: number): SyncedOccurrence {
  const lastModified = new Date(copy.lastModified.getTime() + 60_000);
  const by = hours * HOUR;
  const times = { start: new Date(copy.start.getTime() + by), end: new Date(copy.end.getTime() + by) };
  switch (what) {
    case 'drag':
      return { ...copy, ...times, lastModified };
    case 'rename':
      return { ...copy, subject: `renamed ${hours}`, location: '', lastModified };
    case 'unlink':
      return { ...copy, joinLinks: [`https://conf.example/c/${hours + 10}`], preview: 'mine', lastModified };
    case 'categorize':
      return { ...copy, categories: [`${hours}`], lastModified };
    case 'answer':
      return { ...copy, myResponse: hours > 0 ? 'accepted' : 'declined', lastModified };
    default:
      return copy;
  }
}
