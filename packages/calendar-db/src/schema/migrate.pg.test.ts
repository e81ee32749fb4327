import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS_FOLDER } from '../database/sql-file.ts';
import { CalendarListener } from '../notifications/calendar-listener.ts';
import type { WorkerMessage } from '../notifications/worker-message.ts';
import { describeSchema } from '../testing/describe-schema.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import {
  expectedSchemaVersion,
  knownMigrations,
  MigrationEdited,
  MigrationFailed,
  migrate,
  readSchemaStatus,
} from './migrate.ts';

const NEXT = expectedSchemaVersion() + 1;

describe('migrations', () => {
  let db: TestDatabase;
  /** A copy of the migrations that a test may change. */
  let folder: URL;

  beforeEach(async () => {
    db = await createTestDatabase();
    folder = pathToFileURL(`${mkdtempSync(join(tmpdir(), 'migrations-'))}/`);
    cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await db.drop();
  });

  function write(file: string, text: string): void {
    writeFileSync(new URL(file, folder), text);
  }

  it('are all there in a copy of the template, and a second migrator finds nothing to do', async () => {
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
    expect(await migrate(db.options)).toEqual([]);
  });

  it('make the schema of the committed description (after a change of a migration: vitest run … -u)', async () => {
    await expect(await describeSchema(db.database)).toMatchFileSnapshot('../../sql/schema.expected.txt');
  });

  it('are numbered without gaps and say whether they break older workers', () => {
    const known = knownMigrations();
    expect(known.map((migration) => migration.version)).toEqual(known.map((_, place) => place + 1));
    for (const { version, name } of known) {
      const file = `${String(version).padStart(3, '0')}.do.${name}.sql`;
      expect(readFileSync(new URL(file, MIGRATIONS_FOLDER), 'utf8'), file).toMatch(/^-- breaking: (true|false)\n/u);
    }
  });

  it('are applied once by migrators that race on an empty database', async () => {
    await db.database.query('DROP SCHEMA calendar CASCADE');
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'missing', version: 0 });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => migrate(db.options)));
    expect(outcomes.map((applied) => applied.length).sort((a, b) => a - b)).toEqual([
      0,
      0,
      0,
      knownMigrations().length,
    ]);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
  });

  it('are refused when an applied one was edited, by its name', async () => {
    const text = readFileSync(new URL('002.do.mailboxes-and-events.sql', folder), 'utf8');
    write('002.do.mailboxes-and-events.sql', `${text}-- edited\n`);
    const refused = migrate(db.options, folder);
    await expect(refused).rejects.toThrow(MigrationEdited);
    await expect(refused).rejects.toThrow('002.do.mailboxes-and-events.sql');
  });

  it('do not care how a checkout ends its lines', async () => {
    const text = readFileSync(new URL('002.do.mailboxes-and-events.sql', folder), 'utf8');
    write('002.do.mailboxes-and-events.sql', text.replaceAll('\n', '\r\n'));
    expect(await migrate(db.options, folder)).toEqual([]);
  });

  it('leave everything as it was when one of them fails', async () => {
    write(`${NEXT}.do.good.sql`, '-- breaking: true\nCREATE TABLE calendar.extra (id integer);');
    write(`${NEXT + 1}.do.bad.sql`, '-- breaking: false\nCREATE TABLE calendar.event (id integer);');
    const failing = migrate(db.options, folder);
    await expect(failing).rejects.toThrow(MigrationFailed);
    await expect(failing).rejects.toThrow(`${NEXT + 1}.do.bad.sql`);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
    expect((await db.database.query("SELECT to_regclass('calendar.extra') AS extra")).rows).toEqual([{ extra: null }]);
  });

  it('tell a worker that its schema is older, newer, or too new for it', async () => {
    await db.database.query('DELETE FROM calendar.schema_version WHERE version = $1', [NEXT - 1]);
    expect(await readSchemaStatus(db.database)).toMatchObject({
      state: 'older',
      version: NEXT - 2,
      expected: NEXT - 1,
    });
    await db.database.query('INSERT INTO calendar.schema_version (version) VALUES ($1)', [NEXT - 1]);

    write(`${NEXT}.do.harmless.sql`, '-- breaking: false\nSELECT 1;');
    expect(await migrate(db.options, folder)).toEqual([{ version: NEXT, name: 'harmless', breaking: false }]);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'newer', version: NEXT });
    expect(await migrate(db.options)).toEqual([]);

    write(`${NEXT + 1}.do.harmful.sql`, '-- breaking: true\nSELECT 1;');
    write(`${NEXT + 2}.do.harmless-again.sql`, '-- breaking: false\nSELECT 1;');
    await migrate(db.options, folder);
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'newerBreaking', version: NEXT + 2 });
  });

  it('tell running workers of a breaking one, and only then', async () => {
    const messages: WorkerMessage[] = [];
    const listener = new CalendarListener({ database: db.options });
    listener.onWorker((message) => messages.push(message));
    await listener.start();
    await expect.poll(() => listener.state).toBe('listening');
    write(`${NEXT}.do.harmless.sql`, '-- breaking: false\nSELECT 1;');
    await migrate(db.options, folder);
    write(`${NEXT + 1}.do.harmful.sql`, '-- breaking: true\nSELECT 1;');
    await migrate(db.options, folder);
    await expect.poll(() => messages).toEqual([{ breaking: NEXT + 1 }]);
    await listener.close();
  });
});
