import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlFile } from '../database/sql-file.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { type StatementCost, statementCost } from '../testing/statement-cost.ts';
import { LOCAL_STEPS, nextConferenceDue, SERVER_STEPS } from './conferences.ts';

const FEW = 1_000;
const MANY = 20_000;
const RULES = [false, false] as const;

/**
 * Conferences of the server `busy`: a tenth of them due for their creation, a tenth for a change and a tenth for their start,
 * the others later. `quiet` has one, next week, and `empty` none.
 */
const FILL = `
  INSERT INTO calendar.conference (event_id, server_id, wanted, owner_id, runs, starts_at, ends_at, create_at, open_at,
    give_up_at, state, held, held_server, cid, may_run, applied_version)
  SELECT gen_random_uuid(), 'busy', 'own', 'anna', true, s.at, s.at + interval '1 hour',
         CASE WHEN n % 10 = 0 THEN now() - interval '1 hour' ELSE s.at - interval '1 hour' END, s.at, s.at + interval '30 minutes',
         CASE WHEN n % 10 IN (1, 2) THEN 'ready' ELSE 'planned' END, CASE WHEN n % 10 IN (1, 2) THEN 'own' END,
         CASE WHEN n % 10 IN (1, 2) THEN 'busy' END, CASE WHEN n % 10 IN (1, 2) THEN 'c' || n END, n % 10 IN (1, 2),
         CASE WHEN n % 10 = 2 THEN 1 ELSE 0 END
  FROM generate_series($1::integer, $2::integer) n
  CROSS JOIN LATERAL (SELECT CASE WHEN n % 10 = 2 THEN now() - n % 60 * interval '1 second'
                                  ELSE now() + interval '2 hours' + n * interval '1 minute' END AS at) s`;

const old = (name: string) => sqlFile(name);

describe('what is due among many conferences', () => {
  let db: TestDatabase;
  const few = new Map<string, StatementCost>();
  const many = new Map<string, StatementCost>();

  const STATEMENTS: Readonly<Record<string, { text: string; values: readonly unknown[] }>> = {
    'the next step of a server that has none': { text: old('conferences/next-due'), values: ['empty', ...RULES] },
    'the next step of a server that has one next week': {
      text: old('conferences/next-due'),
      values: ['quiet', ...RULES],
    },
    'the next step of a server of which much is due': { text: old('conferences/next-due'), values: ['busy', ...RULES] },
    'the next step that asks no server': { text: old('conferences/next-due'), values: [null, ...RULES] },
    'a claim of twenty steps': {
      text: old('conferences/claim'),
      values: [randomUUID(), 'busy', 20, 15_000, ...RULES, SERVER_STEPS],
    },
    'a claim on a server that has nothing': {
      text: old('conferences/claim'),
      values: [randomUUID(), 'empty', 20, 15_000, ...RULES, SERVER_STEPS],
    },
    'a claim of steps that ask no server': {
      text: old('conferences/claim'),
      values: [randomUUID(), null, 200, 15_000, ...RULES, LOCAL_STEPS],
    },
  };

  async function fill(from: number, to: number): Promise<void> {
    await db.database.transaction(async (client) => {
      await client.query("SET LOCAL session_replication_role = 'replica'");
      await client.query(FILL, [from, to]);
      await client.query(
        'INSERT INTO calendar.conference_claim (event_id) SELECT event_id FROM calendar.conference ON CONFLICT DO NOTHING',
      );
    });
    await db.database.query('ANALYZE');
  }

  beforeAll(async () => {
    db = await createTestDatabase();
    const measure = async (into: Map<string, StatementCost>) => {
      for (const [name, statement] of Object.entries(STATEMENTS))
        into.set(name, await statementCost(db.options, statement));
    };
    await fill(1, FEW);
    await db.database.query(`UPDATE calendar.conference SET server_id = 'quiet', open_at = now() + interval '7 days',
      create_at = now() + interval '7 days', give_up_at = now() + interval '8 days', ends_at = now() + interval '8 days'
      WHERE event_id = (SELECT event_id FROM calendar.conference WHERE state = 'planned' AND create_at > now() LIMIT 1)`);
    await measure(few);
    await fill(FEW + 1, MANY);
    await measure(many);
  }, 240_000);
  afterAll(() => db.drop());

  it.each(Object.keys(STATEMENTS))('%s costs as much among 20,000 as among 1,000', (name) => {
    const [small, large] = [few.get(name), many.get(name)];
    expect(large?.rows).toBeLessThanOrEqual(2 * (small?.rows ?? 0) + 20);
    expect(large?.blocks).toBeLessThanOrEqual(2 * (small?.blocks ?? 0) + 100);
  });

  it('is known all the same', async () => {
    const rules = { stopOnCancel: false, stopAfterEnd: false };
    expect(await nextConferenceDue(db.database, 'empty', rules)).toBeNull();
    expect((await nextConferenceDue(db.database, 'quiet', rules)) ?? 0).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    expect((await nextConferenceDue(db.database, 'busy', rules)) ?? 0).toBeLessThan(Date.now() + 10_000);
  });
});
