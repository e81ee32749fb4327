import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { RowNotAsDeclaredError } from '../testing/check-rows.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { queryDifferences } from '../testing/query-differences.ts';
import { type Columns, json, nullable, oneOf, type RowOf, type ValuesOf } from './column-types.ts';
import { type CalendarDatabase, connectionConfig } from './database.ts';
import { declaredQueries, defineQuery, type Query, runQuery } from './query.ts';
import { SQL_FOLDER } from './sql-file.ts';

const SOURCES = new URL('../', import.meta.url);
const PACKAGES = new URL('../../../', import.meta.url);
/** What is no query: applied by `migrate` and `bootstrap` as it is. */
const SCRIPTS = /^(migrations\/|functions\/|bootstrap\/(role|database|schema)\.sql$)/u;

describe('the queries of sql/', () => {
  let db: TestDatabase;
  let client: pg.Client;
  let queries: readonly Query<unknown, readonly unknown[]>[];

  beforeAll(async () => {
    const modules = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && readFileSync(new URL(file, SOURCES), 'utf8').includes("defineQuery('"),
    );
    for (const file of modules.filter((name) => !name.endsWith('.test.ts'))) await import(new URL(file, SOURCES).href);
    queries = declaredQueries();
    db = await createTestDatabase();
    client = new pg.Client(connectionConfig(db.options));
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await db.drop();
  });

  function named(name: string): Query<unknown, readonly unknown[]> {
    const query = queries.find((one) => one.name === name);
    if (query === undefined) throw new Error(`no query ${name} is declared`);
    return query;
  }

  it('are all declared', () => {
    const files = readdirSync(SQL_FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.sql') && !SCRIPTS.test(file))
      .map((file) => file.replace(/\.sql$/u, ''));
    expect(queries.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it('have the parameters and columns that are declared, by name and type', async () => {
    expect(await queryDifferences(client, queries)).toEqual([]);
  });

  it('are found to differ where a parameter or a column is declared wrongly', async () => {
    const right = named('conferences/renew');
    const rows = named('schema/read-version');
    const wrong: Query<unknown, readonly unknown[]>[] = [
      { ...right, params: ['uuid', 'uuid', 'integer', 'double precision'] },
      { ...right, params: right.params.slice(1) },
      { ...rows, row: { version: 'text' } },
      { ...rows, row: { versions: 'integer' } },
      { ...rows, row: {} },
    ];
    const differences = await queryDifferences(client, wrong);
    expect(differences.map((line) => line.split(', Postgres')[0])).toEqual([
      'conferences/renew: declares the parameters (uuid, uuid, integer, double precision)',
      'conferences/renew: declares the parameters (uuid, bigint, double precision)',
      'schema/read-version: declares the columns (version text)',
      'schema/read-version: declares the columns (versions integer)',
      'schema/read-version: declares the columns ()',
    ]);
  });

  it('bring rows without nulls or values that are not declared, or fail where tests run', async () => {
    const rows = named('schema/read-version');
    const log = { ...rows, text: "SELECT NULL::integer AS version, 'new' AS state, '{}'::jsonb AS more" };
    const run = (row: Columns) => runQuery(client, { ...log, row }, []);
    const state = oneOf('old', 'new');
    const more = json(z.strictObject({}));
    await expect(run({ version: 'integer?', state, more })).resolves.toMatchObject({ rowCount: 1 });
    await expect(run({ version: 'integer' })).rejects.toThrow(RowNotAsDeclaredError);
    await expect(run({ state: oneOf('old') })).rejects.toThrow('the column state is "new", not one of old');
    await expect(run({ more: json(z.strictObject({ id: z.string() })) })).rejects.toThrow(RowNotAsDeclaredError);
    await expect(run({ absent: 'text?' })).rejects.toThrow('the column absent is missing');
  });

  it('may have columns of an outer join that are null together, but not one by one', async () => {
    const query = { ...named('schema/read-version'), row: {}, outer: { id: 'integer', name: 'text?' } as const };
    const run = (columns: string) => runQuery(client, { ...query, text: `SELECT ${columns}` }, []);
    await expect(run('NULL::integer AS id, NULL AS name')).resolves.toMatchObject({ rowCount: 1 });
    await expect(run('1 AS id, NULL AS name')).resolves.toMatchObject({ rowCount: 1 });
    await expect(run("NULL::integer AS id, 'Anna' AS name")).rejects.toThrow('the column id is null');
  });

  it('are shown by their names where Postgres shows its sessions', async () => {
    const session = named('notifications/session');
    const { rows } = await client.query<{ pid: number }>(session.text);
    const shown = await db.database.query<{ query: string }>('SELECT query FROM pg_stat_activity WHERE pid = $1', [
      rows[0]?.pid,
    ]);
    expect(shown.rows[0]?.query).toMatch(/^\/\* notifications\/session \*\/\n/u);
  });

  it('cannot be declared twice', () => {
    expect(() => defineQuery('schema/read-version')).toThrow('the query schema/read-version is declared twice');
  });
});

describe('what a query takes and brings', () => {
  it('has the types of its declaration', () => {
    const columns = {
      id: 'uuid',
      at: 'timestamptz?',
      names: 'text[]',
      state: oneOf('on', 'off'),
      held: nullable(oneOf('own', 'link')),
      people: json(z.array(z.strictObject({ id: z.string() }))),
    } as const;
    expectTypeOf<RowOf<typeof columns>>().toEqualTypeOf<{
      readonly id: string;
      readonly at: Date | null;
      readonly names: string[];
      readonly state: 'on' | 'off';
      readonly held: 'own' | 'link' | null;
      readonly people: { id: string }[];
    }>();
    expectTypeOf<ValuesOf<readonly ['text?', 'bigint[]', 'text?[]', 'jsonb']>>().toEqualTypeOf<
      readonly [string | null, readonly number[], readonly (string | null)[], string]
    >();
  });

  it('is a declared query in product code, never a text with a type for its rows', () => {
    // @ts-expect-error The database takes no text.
    expectTypeOf<CalendarDatabase['query']>().toBeCallableWith('SELECT 1');
    const lookalike = { name: 'schema/read-version', text: 'SELECT 1', params: [], row: {}, outer: {} };
    // @ts-expect-error Only `defineQuery` makes queries.
    expectTypeOf(lookalike).toExtend<Query<unknown, readonly unknown[]>>();
    const product = readdirSync(PACKAGES).flatMap((name) => {
      const files = readdirSync(new URL(`${name}/src/`, PACKAGES), { recursive: true, encoding: 'utf8' });
      return files
        .map((file) => `${name}/src/${file}`)
        .filter((file) => /\.ts$/u.test(file) && !/\.test\.ts$|\/testing\//u.test(file));
    });
    expect(product.length).toBeGreaterThan(100);
    const casts = product.filter((file) =>
      /\.query<(?!Row & pg\.QueryResultRow>)/u.test(readFileSync(new URL(file, PACKAGES), 'utf8')),
    );
    expect(casts).toEqual([]);
  });
});
