import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlFile } from '../database/sql-file.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { statementCost } from '../testing/statement-cost.ts';
import { type ConferencePlan, planConferences, readEventFacts } from './conference-plans.ts';

const FEW = 20;
const MANY = 100;
/** Growth with the people would be 5, with their square 25. */
const LINEAR = 7;
/** Of a copy its row and what finds it is read, and not the list of people in it, which is the same in all. */
const BLOCKS_OF_A_COPY = 10;

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
  /** So long that a list of many, and of few not, is kept outside of its row. */
  const guest = (place: number, people: number) =>
    `${createHash('sha256').update(`${place} of ${people}`).digest('hex')}@corp.example`;

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

  /** Compares what a statement costs in the two meetings, with all that its triggers do. */
  async function expectLinear(text: string, values: (people: number) => readonly unknown[]): Promise<void> {
    const small = await statementCost(db.options, { text, values: values(FEW) });
    const large = await statementCost(db.options, { text, values: values(MANY) });
    expect(small.rows).toBeGreaterThan(FEW);
    expect(large.rows / small.rows).toBeLessThan(LINEAR);
    expect(large.blocks / small.blocks).toBeLessThan(LINEAR);
    expect(large.blocks).toBeLessThan(BLOCKS_OF_A_COPY * MANY);
  }

  it('gives the planner facts that grow with its people and not with their square', async () => {
    const [small, large] = await Promise.all([few, many].map((event) => readEventFacts(db.database, [event])));
    expect(large?.[0]?.others).toHaveLength(MANY);
    expect(large?.[0]?.speaking?.audience).toHaveLength(MANY + 1);
    expect(JSON.stringify(large).length / JSON.stringify(small).length).toBeLessThan(LINEAR);
  });

  it('gives the planner its facts at a cost that grows with its people and not with their square', async () => {
    const text = sqlFile('conferences/read-facts');
    const rows = async (event: string) => {
      const values = [[event], Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      return (await statementCost(db.options, { text, values })).rows;
    };
    const small = await rows(few);
    expect(small).toBeGreaterThan(FEW);
    expect((await rows(many)) / small).toBeLessThan(LINEAR);
  });

  it('tells of each copy that does not speak whose it is, what its mailbox answered, and no person besides', async () => {
    const [facts] = await readEventFacts(db.database, [few]);
    expect(facts?.speaking?.owner).toBe(organizer(FEW));
    expect(facts?.others.map(({ owner }) => owner)).toEqual(
      Array.from({ length: FEW }, (_, place) => guest(place, FEW)),
    );
    for (const copy of facts?.others ?? []) {
      expect(copy).toEqual({
        ...{ mailboxId: expect.any(Number), owner: copy.owner, organizer: organizer(FEW) },
        ...{ holder: 'person', response: 'unknown', isLive: true },
      });
    }
  });

  it('tells which of the other copies are of rooms', async () => {
    const rooms = [guest(1, FEW), guest(4, FEW)];
    const entry = `INSERT INTO calendar.directory_entry (provider, address, kind, members, checked_at)
      VALUES ('test', 'rooms:', 'rooms', $1, now())`;
    await db.database.query(entry, [rooms]);
    const [facts] = await readEventFacts(db.database, [few]);
    const held = (facts?.others ?? []).filter(({ holder }) => holder === 'room').map(({ owner }) => owner);
    expect(held).toEqual(rooms);
  });

  it('is measured by the bytes that are sent', async () => {
    for (const facts of await readEventFacts(db.database, [few, many])) {
      const { speaking, others, bytes } = facts;
      const sent = JSON.stringify(speaking).length + JSON.stringify(others).length;
      expect(bytes / sent).toBeGreaterThan(1);
      expect(bytes / sent).toBeLessThan(1.5);
    }
  });

  it('shows it to one of its people at the same cost, however many there are', async () => {
    const text = 'SELECT * FROM calendar.view_events($1::text[], $2::uuid[], false)';
    const blocks = async (event: string, viewer: string) =>
      (await statementCost(db.options, { text, values: [[viewer], [event]] })).blocks;
    const small = await blocks(few, guest(FEW - 1, FEW));
    expect((await blocks(many, guest(MANY - 1, MANY))) / small).toBeLessThan(2);
  });

  it('shows it to all of its people at a cost that grows with them and not with their square', async () => {
    const text = 'SELECT * FROM calendar.view_events($1::text[], $2::uuid[], false)';
    const everyone = (people: number) => Array.from({ length: people }, (_, place) => guest(place, people));
    await expectLinear(text, (people) => [everyone(people), everyone(people).map(() => (people === FEW ? few : many))]);
  });

  it.each([
    ['the organizer’s copy', organizer],
    ['a guest’s copy', (people: number) => guest(0, people)],
  ])('logs a change of %s at a cost that grows with its people and not with their square', async (_, owner) => {
    const change = `UPDATE calendar.event SET subject = 'Changed'
      WHERE mailbox_id = (SELECT mailbox_id FROM calendar.mailbox WHERE owner = $1)`;
    await expectLinear(change, (people) => [owner(people)]);
  });

  it('logs a change of its conference at a cost that grows with its people and not with their square', async () => {
    await planConferences(db.database, 'test', [few, many].map(wish));
    const change = "UPDATE calendar.conference SET state = 'ready' WHERE event_id = $1::uuid";
    await expectLinear(change, (people) => [people === FEW ? few : many]);
  });

  it('removes a copy that has become old at a cost that grows with its people and not with their square', async () => {
    const age = `SELECT calendar.age_out(mailbox_id, now() + interval '1 year', 500) FROM calendar.mailbox WHERE owner = $1`;
    await expectLinear(age, (people) => [guest(0, people)]);
  });

  it('derives anew whom its copies name, and which are rooms, a few at a time, each at a cost that grows with its people', async () => {
    const before = `
      INSERT INTO calendar.directory_entry (provider, address, kind, members)
      VALUES ('exchange', 'rooms:', 'rooms', ARRAY['${guest(1, FEW)}', '${guest(1, MANY)}']);
      INSERT INTO calendar.naming (address) VALUES `;
    const cost = (people: number) =>
      statementCost(db.options, {
        text: 'SELECT calendar.name_waiting(5)',
        before: `${before} ('${guest(1, people)}')`,
      });
    const [small, large] = [await cost(FEW), await cost(MANY)];
    expect(small.rows).toBeGreaterThan(5 * FEW);
    expect(large.rows / small.rows).toBeLessThan(LINEAR);
    expect(large.blocks / small.blocks).toBeLessThan(LINEAR);
  });

  it('takes an answer about all rooms at the same cost, however many copies name one', async () => {
    const answer = (people: number) =>
      statementCost(db.options, {
        text: "SELECT * FROM calendar.answer_directory('exchange', $1::jsonb, '{}', 1000)",
        values: [JSON.stringify([{ address: 'rooms:', kind: 'rooms', person: null, members: [guest(1, people)] }])],
        before: "INSERT INTO calendar.directory_entry (provider, address) VALUES ('exchange', 'rooms:')",
      });
    const [small, large] = [await answer(FEW), await answer(MANY)];
    expect(large.rows).toBeLessThanOrEqual(1.2 * small.rows);
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
