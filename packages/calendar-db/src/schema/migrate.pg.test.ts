import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CalendarListener } from '../notifications/calendar-listener.ts';
import type { WorkerMessage } from '../notifications/worker-message.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { FunctionFailedError, FunctionSignatureChangedError } from './apply-functions.ts';
import { MigrationEditedError, MigrationFailedError, migrate, SchemaBeforeBaselineError } from './migrate.ts';
import {
  BUILD_SCHEMA,
  expectedSchemaVersion,
  knownMigrations,
  readFunctions,
  type SchemaSources,
} from './schema-sources.ts';
import { readSchemaStatus } from './schema-status.ts';
import { describeSchema, schemaLines } from './trigger-drift.ts';

const NEXT = expectedSchemaVersion() + 1;

describe('migrations', () => {
  let db: TestDatabase;
  /** A copy of the migrations and functions that a test may change. */
  let folder: URL;
  let sources: SchemaSources;

  beforeEach(async () => {
    db = await createTestDatabase();
    folder = pathToFileURL(`${mkdtempSync(join(tmpdir(), 'migrations-'))}/`);
    sources = { migrations: new URL('migrations/', folder), functions: new URL('functions/', folder) };
    cpSync(BUILD_SCHEMA.migrations, sources.migrations, { recursive: true });
    cpSync(BUILD_SCHEMA.functions, sources.functions, { recursive: true });
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await db.drop();
  });

  function write(file: string, text: string): void {
    writeFileSync(new URL(file, sources.migrations), text);
  }

  it('are all there in a copy of the template, and a second migrator finds nothing to do', async () => {
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
    expect(await migrate(db.options)).toEqual({ migrations: [], functions: 'current' });
  });

  it('make the schema of the committed description (after a change of a migration: vitest run … -u)', async () => {
    await expect(schemaLines(await describeSchema(db.database))).toMatchFileSnapshot('../../sql/schema.expected.txt');
  });

  it('leave room on the pages of tables that are updated all the time, and have them vacuumed early', async () => {
    expect(await describeSchema(db.database, ['storage'])).toMatchObject([
      { name: 'event', definition: 'fillfactor=90 autovacuum_vacuum_scale_factor=0.05' },
      { name: 'mailbox', definition: 'fillfactor=70 autovacuum_vacuum_scale_factor=0.02' },
    ]);
  });

  it('are numbered without gaps and say whether they break older workers', () => {
    const known = knownMigrations();
    expect(known.map((migration) => migration.version)).toEqual(known.map((_, place) => place + 1));
    for (const { version, name } of known) {
      const file = `${String(version).padStart(3, '0')}.do.${name}.sql`;
      expect(readFileSync(new URL(file, BUILD_SCHEMA.migrations), 'utf8'), file).toMatch(
        /^-- breaking: (true|false)\n/u,
      );
    }
  });

  it('are applied once by migrators that race on an empty database', async () => {
    await db.database.query('DROP SCHEMA calendar CASCADE');
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'missing', version: 0 });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => migrate(db.options)));
    expect(outcomes.map(({ migrations }) => migrations.length).sort((a, b) => a - b)).toEqual([
      0,
      0,
      0,
      knownMigrations().length,
    ]);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
  });

  it('are refused when an applied one was edited, by its name', async () => {
    const text = readFileSync(new URL('001.do.baseline.sql', sources.migrations), 'utf8');
    write('001.do.baseline.sql', `${text}-- edited\n`);
    const refused = migrate(db.options, sources);
    await expect(refused).rejects.toThrow(MigrationEditedError);
    await expect(refused).rejects.toThrow('001.do.baseline.sql');
  });

  it('do not care how a checkout ends its lines', async () => {
    const text = readFileSync(new URL('001.do.baseline.sql', sources.migrations), 'utf8');
    write('001.do.baseline.sql', text.replaceAll('\n', '\r\n'));
    const head = readFileSync(new URL('changes/head.sql', sources.functions), 'utf8');
    writeFileSync(new URL('changes/head.sql', sources.functions), head.replaceAll('\n', '\r\n'));
    expect(await migrate(db.options, sources)).toEqual({ migrations: [], functions: 'current' });
  });

  it('leave everything as it was when one of them fails', async () => {
    write(`${NEXT}.do.good.sql`, '-- breaking: true\nCREATE TABLE calendar.extra (id integer);');
    write(`${NEXT + 1}.do.bad.sql`, '-- breaking: false\nCREATE TABLE calendar.event (id integer);');
    const failing = migrate(db.options, sources);
    await expect(failing).rejects.toThrow(MigrationFailedError);
    await expect(failing).rejects.toThrow(`${NEXT + 1}.do.bad.sql`);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
    expect((await db.database.query("SELECT to_regclass('calendar.extra') AS extra")).rows).toEqual([{ extra: null }]);
  });

  it('tell a worker that its schema is older, newer, or too new for it', async () => {
    write(`${NEXT}.do.harmless.sql`, '-- breaking: false\nSELECT 1;');
    expect(await readSchemaStatus(db.database, sources)).toMatchObject({
      state: 'older',
      version: NEXT - 1,
      expected: NEXT,
    });

    expect((await migrate(db.options, sources)).migrations).toEqual([
      { version: NEXT, name: 'harmless', breaking: false },
    ]);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'newer', version: NEXT });
    expect(await migrate(db.options)).toEqual({ migrations: [], functions: 'newer' });

    write(`${NEXT + 1}.do.harmful.sql`, '-- breaking: true\nSELECT 1;');
    write(`${NEXT + 2}.do.harmless-again.sql`, '-- breaking: false\nSELECT 1;');
    await migrate(db.options, sources);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'newerBreaking', version: NEXT + 2 });
  });

  it('tell running workers of a breaking one, and only then', async () => {
    const messages: WorkerMessage[] = [];
    const listener = new CalendarListener({ database: db.options });
    listener.onWorker((message) => messages.push(message));
    await listener.start();
    await expect.poll(() => listener.state).toBe('listening');
    write(`${NEXT}.do.harmless.sql`, '-- breaking: false\nSELECT 1;');
    await migrate(db.options, sources);
    write(`${NEXT + 1}.do.harmful.sql`, '-- breaking: true\nSELECT 1;');
    await migrate(db.options, sources);
    await expect.poll(() => messages).toEqual([{ breaking: NEXT + 1 }]);
    await listener.close();
  });

  it('refuse by name a database whose migrations a development build made before the baseline', async () => {
    await db.database.query(`
      UPDATE calendar.schema_version SET name = 'meta' WHERE version = 1;
      INSERT INTO calendar.schema_version (version, name) VALUES (13, 'mailbox-places');
    `);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'beforeBaseline', version: 13 });
    const refused = migrate(db.options);
    await expect(refused).rejects.toThrow(SchemaBeforeBaselineError);
    await expect(refused).rejects.toThrow(
      new RegExp(`${db.options.database}.*DROP SCHEMA calendar CASCADE.*--reset`, 'u'),
    );
  });

  describe('bring functions', () => {
    const HEAD = 'changes/head.sql';

    function writeFunction(file: string, change: (text: string) => string): void {
      const at = new URL(file, sources.functions);
      writeFileSync(at, change(readFileSync(at, 'utf8')));
    }

    const oneMore = (text: string) => text.replace('SELECT greatest(', 'SELECT 7 + greatest(');

    it('of which each has a file, and each file a function', async () => {
      const found = (await describeSchema(db.database, ['function'])).map(({ name }) =>
        name.slice(0, name.indexOf('(')),
      );
      expect(
        readFunctions(BUILD_SCHEMA.functions)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(found.sort());
    });

    it('replaced without a migration, which a worker of the newer build waits for and one of the older build survives', async () => {
      writeFunction(HEAD, oneMore);
      expect(await readSchemaStatus(db.database, sources)).toMatchObject({ state: 'functionsOlder' });
      expect(await migrate(db.options, sources)).toEqual({ migrations: [], functions: 'replaced' });
      expect((await db.database.query('SELECT calendar.head()::integer AS head')).rows).toEqual([{ head: 7 }]);
      expect(await readSchemaStatus(db.database, sources)).toMatchObject({ state: 'current' });
      expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'newer' });
      expect(await migrate(db.options)).toEqual({ migrations: [], functions: 'newer' });
      expect((await db.database.query('SELECT calendar.head()::integer AS head')).rows).toEqual([{ head: 7 }]);
    });

    it('again that were altered in the database', async () => {
      await db.database.query(
        "CREATE OR REPLACE FUNCTION calendar.head() RETURNS bigint LANGUAGE sql AS 'SELECT 9::bigint'",
      );
      await migrate(db.options);
      expect((await db.database.query('SELECT calendar.head()::integer AS head')).rows).toEqual([{ head: 0 }]);
    });

    it.each([
      ['an argument', 'calendar.head(p_more integer) RETURNS bigint', '7::bigint'],
      ['the result', 'calendar.head() RETURNS text', "'7'::text"],
    ])('whose signature differs in %s only after a migration has dropped the old one', async (_, signature, body) => {
      writeFunction(HEAD, () => `CREATE OR REPLACE FUNCTION ${signature} LANGUAGE sql AS $$ SELECT ${body} $$;\n`);
      // Its callers, which are not what this is about.
      writeFunction('changes/notice_regression.sql', (text) => text.replaceAll('calendar.head()', '0'));
      const refused = migrate(db.options, sources);
      await expect(refused).rejects.toThrow(FunctionSignatureChangedError);
      await expect(refused).rejects.toThrow('changes/head.sql');
      expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
      write(`${NEXT}.do.other-head.sql`, '-- breaking: true\nDROP FUNCTION IF EXISTS calendar.head();');
      expect(await migrate(db.options, sources)).toMatchObject({ functions: 'replaced' });
    });

    it('none of which calls what is not there', async () => {
      writeFunction(HEAD, (text) => text.replace('pruned_seq', 'purned_seq'));
      const failing = migrate(db.options, sources);
      await expect(failing).rejects.toThrow(FunctionFailedError);
      await expect(failing).rejects.toThrow(/changes\/head\.sql.*purned_seq/u);
      expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
    });
  });
});
