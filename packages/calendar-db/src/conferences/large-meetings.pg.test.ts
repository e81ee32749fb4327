import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { statementCost } from '../testing/statement-cost.ts';
import { type ConferencePlan, planConferences, readEventFacts } from './conference-plans.ts';

const FEW = 10;
const MANY = 40;
/** Growth with the people would be 4, with their square 16. */
const LINEAR = 7;

/**
 * What one copy of a meeting, or the whole of its facts, costs in a meeting of many people, beside the same in a meeting of
 * few. Counts bytes and rows, never times.
 */
describe('a meeting of many people, all of whose copies are cached', () => {
  let db: TestDatabase;
  let few: string;
  let many: string;

  beforeAll(async () => {
    db = await createTestDatabase();
    few = await meetingOf(FEW);
    many = await meetingOf(MANY);
    await db.database.query('ANALYZE');
  }, 60_000);
  afterAll(() => db.drop());

  const organizer = (people: number) => `organizer-of-${people}@corp.example`;
  const guest = (place: number, people: number) => `guest-${place}-of-${people}@corp.example`;

  /** Saves a meeting to the mailboxes of its organizer and of all guests. @returns its event id */
  async function meetingOf(people: number): Promise<string> {
    const eventId = randomUUID();
    const guests = Array.from({ length: people }, (_, place) => guest(place, people));
    const copy = () =>
      sampleOccurrence({
        eventId,
        organizer: { address: organizer(people), name: 'Anna' },
        attendees: guests.map((address) => sampleAttendee(address)),
      });
    for (const address of [organizer(people), ...guests]) {
      await saveToMailbox(db.database, address, { occurrences: [copy()] });
    }
    return eventId;
  }

  /** Rows that Postgres handles in the statement and in all that its triggers do. */
  const rowsHandled = async (text: string, values: unknown[]) =>
    (await statementCost(db.options, { text, values })).rows;

  it('gives the planner facts that grow with its people and not with their square', async () => {
    const [small, large] = await Promise.all([few, many].map((event) => readEventFacts(db.database, [event])));
    expect(large?.[0]?.copies).toHaveLength(MANY + 1);
    expect(large?.[0]?.copies.find(({ speaks }) => speaks)?.audience).toHaveLength(MANY + 1);
    expect(JSON.stringify(large).length / JSON.stringify(small).length).toBeLessThan(LINEAR);
  });

  it.each([
    ['the organizer’s copy', organizer],
    ['a guest’s copy', (people: number) => guest(0, people)],
  ])('logs a change of %s at a cost that grows with its people and not with their square', async (_, owner) => {
    const change = `UPDATE calendar.event SET subject = 'Changed'
      WHERE mailbox_id = (SELECT mailbox_id FROM calendar.mailbox WHERE owner = $1)`;
    const small = await rowsHandled(change, [owner(FEW)]);
    const large = await rowsHandled(change, [owner(MANY)]);
    expect(small).toBeGreaterThan(FEW);
    expect(large / small).toBeLessThan(LINEAR);
  });

  it('logs a change of its conference at a cost that grows with its people and not with their square', async () => {
    await planConferences(db.database, 'test', [few, many].map(wish));
    const change = "UPDATE calendar.conference SET state = 'ready' WHERE event_id = $1::uuid";
    const small = await rowsHandled(change, [few]);
    const large = await rowsHandled(change, [many]);
    expect(small).toBeGreaterThan(FEW);
    expect(large / small).toBeLessThan(LINEAR);
  });
});

function wish(eventId: string): ConferencePlan {
  const startMs = Date.now() + 3_600_000;
  return {
    ...{ eventId, wanted: 'own', reason: null, serverId: 'tiny', ownerId: 'anna', topic: 'Planning', description: '' },
    ...{ invitees: [], autoInvite: true, seriesKey: null, linkCid: null, linkUrl: null, runs: true, startMs },
    ...{ endMs: startMs + 3_600_000, createMs: startMs, openMs: startMs, giveUpMs: startMs + 1_800_000 },
  };
}
