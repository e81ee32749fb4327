import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlFile } from '../database/sql-file.ts';
import {
  createTestDatabase,
  multiplyEvent,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { BEFORE_ALL_EVENTS, listEventsNaming, readEventFacts } from './conference-plans.ts';

const BORIS = 'boris@corp.example';
const PAGE = 200;

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** Compares blocks that Postgres reads, never times. */
describe('a full pass', () => {
  let db: TestDatabase;
  let event: string;
  beforeAll(async () => {
    db = await createTestDatabase();
    const occurrence = sampleOccurrence({ attendees: [sampleAttendee(BORIS)] });
    await saveToMailbox(db.database, 'anna@corp.example', { occurrences: [occurrence] });
    event = occurrence.eventId;
    await multiply(1_999);
  }, 60_000);
  afterAll(() => db.drop());

  async function multiply(count: number): Promise<void> {
    await multiplyEvent(db.database, event, count);
    await db.database.query('VACUUM ANALYZE calendar.event');
  }

  async function blocks(query: string, values: unknown[]): Promise<number> {
    const text = `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${sqlFile(query)}`;
    const { rows } = await db.database.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(text, values);
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
    return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
  }

  it('reads as much for a page of four times as many events, and for each event no more', async () => {
    const ids = (await listEventsNaming(db.database, [BORIS])).slice(0, PAGE);
    const measure = async () => ({
      page: await blocks('conferences/list-plannable', [BEFORE_ALL_EVENTS, PAGE]),
      facts: await blocks('conferences/read-facts', [ids, 1e9, 1e9]),
    });
    const few = await measure();
    await multiply(6_000);
    const many = await measure();
    expect(many.page).toBeLessThan(2 * few.page);
    expect(many.facts).toBeLessThan(2 * few.facts);
  });

  it('reads facts up to a number of bytes, in the order given, and those of one event at least', async () => {
    const ids = (await listEventsNaming(db.database, [BORIS])).slice(0, 20);
    const all = await readEventFacts(db.database, ids);
    expect(all.map(({ eventId }) => eventId)).toEqual(ids);
    const read = (batchBytes: number) => readEventFacts(db.database, ids, { batchBytes, eventBytes: 1e9 });
    const bytes = all.slice(0, 7).reduce((sum, facts) => sum + facts.bytes, 0);
    expect(await read(bytes)).toEqual(all.slice(0, 7));
    expect(await read(bytes - 1)).toEqual(all.slice(0, 6));
    expect(await read(1)).toEqual(all.slice(0, 1));
  });

  it('does not read the copies of an event that is larger than was asked for', async () => {
    const [id = ''] = await listEventsNaming(db.database, [BORIS]);
    const [facts] = await readEventFacts(db.database, [id]);
    const limits = { batchBytes: 1, eventBytes: (facts?.bytes ?? 0) - 1 };
    expect(await readEventFacts(db.database, [id], limits)).toEqual([
      { ...facts, isOversized: true, speaking: null, others: [] },
    ]);
  });
});
