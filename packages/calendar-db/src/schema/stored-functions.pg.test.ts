import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { BUILD_SCHEMA, readFunctions } from './schema-sources.ts';

const functions = readFunctions(BUILD_SCHEMA.functions);
const stored = functions.filter((fn) => fn.stored);

/** What the last migration that says so stores by each function: `-- stores: NAME DIGEST`. */
function recordedDigests(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(BUILD_SCHEMA.migrations)
      .sort()
      .flatMap((file) => [
        ...readFileSync(new URL(file, BUILD_SCHEMA.migrations), 'utf8').matchAll(/^-- stores: (\w+) (\w+)$/gmu),
      ])
      .map(([, name = '', digest = '']) => [name, digest]),
  );
}

function digestOf(statement: string): string {
  return createHash('sha256').update(statement).digest('hex').slice(0, 16);
}

describe('functions whose results are stored', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  it('change only together with a migration that rewrites what is stored (new digest: a line in a new migration)', () => {
    expect(Object.fromEntries(stored.map(({ name, statement }) => [name, digestOf(statement)]))).toEqual(
      recordedDigests(),
    );
  });

  it('are all that generated columns, indexes and checks call, stand in a folder of their own and are immutable', async () => {
    const { rows } = await db.database.query<{ name: string; volatility: string }>(`
      SELECT DISTINCT p.proname AS name, p.provolatile AS volatility
      FROM pg_depend d JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
      JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'calendar'
      WHERE d.classid IN ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass)`);
    expect(rows).not.toEqual([]);
    for (const { name, volatility } of rows) {
      expect({ name, volatility }).toEqual({ name, volatility: 'i' });
      expect(stored.map((fn) => fn.name)).toContain(name);
    }
  });

  it('call no others, through which what is stored could change unseen', () => {
    const names = new Set(stored.map(({ name }) => name));
    for (const { name, body } of stored) {
      const called = [...body.matchAll(/\bcalendar\.(\w+)\(/gu)].map(([, callee = '']) => callee);
      expect({ name, others: called.filter((callee) => !names.has(callee)) }).toEqual({ name, others: [] });
    }
  });
});
