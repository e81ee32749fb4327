import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('the copy that speaks for an event', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

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

  it('is the live one of the lowest mailbox id where the organizer has none, else the tombstone of the lowest', async () => {
    const event = meeting('eve@out.example', 'of-eve');
    await saveToMailbox(db.database, BORIS, { occurrences: [event] });
    await saveToMailbox(db.database, CHLOE, { occurrences: [event] });
    expect(await spoken(event.eventId)).toEqual({ speaking: BORIS, shown: true });
    await saveToMailbox(db.database, BORIS, { gone: [event.eventId] });
    expect(await spoken(event.eventId)).toEqual({ speaking: CHLOE, shown: true });
    await saveToMailbox(db.database, CHLOE, { gone: [event.eventId] });
    expect(await spoken(event.eventId)).toEqual({ speaking: BORIS, shown: false });
  });

  it('is a guest’s with details before one without, but the organizer’s whatever it lacks', async () => {
    const event = meeting(ANNA, 'without-details');
    const missing = { ...event, attendees: [], details: 'missing' as const };
    await saveToMailbox(db.database, BORIS, { occurrences: [missing] });
    expect((await spoken(event.eventId)).speaking).toEqual([BORIS]);
    await saveToMailbox(db.database, CHLOE, { occurrences: [event] });
    expect((await spoken(event.eventId)).speaking).toEqual([CHLOE]);
    await saveToMailbox(db.database, ANNA, { occurrences: [missing] });
    expect((await spoken(event.eventId)).speaking).toEqual([ANNA]);
    const [facts] = await readEventFacts(db.database, [event.eventId]);
    expect(facts?.speaking).toMatchObject({ details: 'missing', isDuplicate: false });
  });
});
