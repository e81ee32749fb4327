import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionConfig } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
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
  async function rowsHandled(text: string, values: unknown[]): Promise<number> {
    const client = new pg.Client(connectionConfig(db.options));
    await client.connect();
    try {
      await client.query("LOAD 'auto_explain'");
      for (const [setting, value] of Object.entries(EXPLAIN_SETTINGS)) await client.query(`SET ${setting} = ${value}`);
      const plans: string[] = [];
      client.on('notice', ({ message }) => plans.push(message ?? ''));
      await client.query(text, values);
      return plans.reduce((sum, plan) => sum + rowsOf(plan), 0);
    } finally {
      await client.end();
    }
  }

  it('gives the planner facts that grow with its people and not with their square', async () => {
    const [small, large] = await Promise.all([few, many].map((event) => readEventFacts(db.database, [event])));
    expect(large?.[0]?.others).toHaveLength(MANY);
    expect(large?.[0]?.speaking?.audience).toHaveLength(MANY + 1);
    expect(JSON.stringify(large).length / JSON.stringify(small).length).toBeLessThan(LINEAR);
  });

  it('gives the planner its facts at a cost that grows with its people and not with their square', async () => {
    const read = sqlFile('conferences/read-facts');
    const rows = (event: string) => rowsHandled(read, [[event], Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
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
        ...{ mailboxId: expect.any(Number), owner: copy.owner },
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

const EXPLAIN_SETTINGS = {
  'auto_explain.log_min_duration': 0,
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
  client_min_messages: 'notice',
};

interface PlanNode {
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows that all nodes of a plan gave. */
function rowsOf(notice: string): number {
  const plan = JSON.parse(notice.slice(notice.indexOf('{'))) as { readonly Plan: PlanNode };
  const count = (node: PlanNode): number =>
    (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1) +
    (node.Plans ?? []).reduce((sum, below) => sum + count(below), 0);
  return count(plan.Plan);
}

function wish(eventId: string): ConferencePlan {
  const startMs = Date.now() + 3_600_000;
  return {
    ...{ eventId, wanted: 'own', reason: null, serverId: 'tiny', ownerId: 'anna', topic: 'Planning', description: '' },
    ...{ invitees: [], autoInvite: true, seriesKey: null, linkCid: null, linkUrl: null, runs: true, startMs },
    ...{ endMs: startMs + 3_600_000, createMs: startMs, openMs: startMs, giveUpMs: startMs + 1_800_000 },
  };
}
