import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import Postgrator from 'postgrator';
import { connectionConfig, type DatabaseOptions } from '../database/database.ts';
import { defineQuery, type Queryable, queryable } from '../database/query.ts';

import { MIGRATIONS_FOLDER } from '../database/sql-file.ts';
import { notifyWorkers } from '../notifications/worker-message.ts';

const sql = {
  isMigrated: defineQuery('schema/is-migrated', { row: { there: 'boolean' } }),
  readVersion: defineQuery('schema/read-version', { row: { version: 'integer' } }),
  readBreaking: defineQuery('schema/read-breaking-version', { row: { breaking: 'integer' } }),
};

/** Serializes migrators: the second one waits and finds nothing left to do. */
const MIGRATION_LOCK = 4_315_001;
const MIGRATION_TIMEOUT_MS = 600_000;

/** A migration could not be applied; the schema is as it was. */
export class MigrationFailed extends Error {
  readonly code = 'migration-failed';

  constructor(file: string, cause: Error) {
    super(`migration ${file} failed, the schema was left as it was: ${cause.message}`, { cause });
    this.name = 'MigrationFailed';
  }
}

/** A migration's file differs from what was applied: migrations only go forward, what was released stays. */
export class MigrationEdited extends Error {
  readonly code = 'migration-edited';

  constructor(file: string, options?: ErrorOptions) {
    super(
      `migration ${file} is not the one that this database was migrated with; put the released file back and bring changes in a new migration`,
      options,
    );
    this.name = 'MigrationEdited';
  }
}

interface Migration {
  readonly version: number;
  readonly name: string;
  /** Workers built for an older schema cannot go on after it. */
  readonly breaking: boolean;
}

/** The migrations that this build brings, oldest first. A file's first line says whether it is breaking. */
export function knownMigrations(folder: URL = MIGRATIONS_FOLDER): Migration[] {
  return readdirSync(folder)
    .map((file) => ({ file, match: /^(\d+)\.do\.(.+)\.sql$/u.exec(file) }))
    .flatMap(({ file, match }) => (match ? [{ file, version: Number(match[1]), name: match[2] ?? '' }] : []))
    .map(({ file, version, name }) => ({
      version,
      name,
      breaking: readFileSync(new URL(file, folder), 'utf8').startsWith('-- breaking: true'),
    }))
    .sort((a, b) => a.version - b.version);
}

/** The schema version that this build is written for. */
export function expectedSchemaVersion(): number {
  return knownMigrations().at(-1)?.version ?? 0;
}

type SchemaStatus = {
  readonly state: 'current' | 'missing' | 'older' | 'newer' | 'newerBreaking';
  readonly version: number;
  readonly expected: number;
};

/** Compares the database's schema with the one that this build is written for. */
export async function readSchemaStatus(database: Queryable): Promise<SchemaStatus> {
  const expected = expectedSchemaVersion();
  const { rows: exists } = await database.query(sql.isMigrated);
  if (!exists[0]?.there) return { state: 'missing', version: 0, expected };
  const { rows } = await database.query(sql.readVersion);
  const version = rows[0]?.version ?? 0;
  if (version === expected) return { state: 'current', version, expected };
  if (version < expected) return { state: version === 0 ? 'missing' : 'older', version, expected };
  const { rows: meta } = await database.query(sql.readBreaking);
  return { state: (meta[0]?.breaking ?? 0) > expected ? 'newerBreaking' : 'newer', version, expected };
}

/**
 * Brings the schema up to this build's version, all in one transaction, and tells running workers when a breaking
 * migration was among those applied. On a newer schema nothing is done.
 *
 * Rules for migrations: numbered without gaps, forward only, never edited once released; the first line says
 * `-- breaking: true` when workers of older builds cannot work on the new schema (also when a trigger goes or changes
 * its name), else `-- breaking: false`; each must be able to run in a transaction.
 *
 * @param folder where the migrations are; those of this build unless told
 * @returns the migrations that were applied now, oldest first
 * @throws MigrationFailed, MigrationEdited, or the database's own error when it cannot be reached or may not be changed
 */
export async function migrate(options: DatabaseOptions, folder: URL = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const client = new pg.Client({
    ...connectionConfig({ ...options, applicationName: 'trueconf-calendar migrate' }),
    statement_timeout: MIGRATION_TIMEOUT_MS,
    query_timeout: MIGRATION_TIMEOUT_MS,
    lock_timeout: MIGRATION_TIMEOUT_MS,
    idle_in_transaction_session_timeout: 0,
  });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await createSchema(client);
    const done = await applyMigrations(client, folder);
    await tellBreaking(client, done.filter((migration) => migration.breaking).at(-1));
    await client.query('COMMIT');
    return done;
  } finally {
    await client.end();
  }
}

/** Not `IF NOT EXISTS`: that asks for the right to create even where an administrator has made the schema for us. */
async function createSchema(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = 'calendar'");
  if (rowCount === 0) await client.query('CREATE SCHEMA calendar');
}

async function applyMigrations(client: pg.Client, folder: URL): Promise<Migration[]> {
  const postgrator = new Postgrator({
    driver: 'pg',
    schemaTable: 'schema_version',
    currentSchema: 'calendar',
    migrationPattern: `${fileURLToPath(folder)}*.sql`,
    newline: 'LF',
    validateChecksums: true,
    execQuery: (query) => client.query(query),
  });
  let file = '';
  const note = (migration: { readonly filename: string }) => {
    file = basename(migration.filename);
  };
  postgrator.on('validation-started', note);
  postgrator.on('migration-started', note);
  try {
    const applied = new Set((await postgrator.migrate()).map((migration) => migration.version));
    return knownMigrations(folder).filter((migration) => applied.has(migration.version));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.message.startsWith('MD5 checksum failed')) throw new MigrationEdited(file, { cause: error });
    throw file === '' ? error : new MigrationFailed(file, error);
  }
}

async function tellBreaking(client: pg.Client, breaking: Migration | undefined): Promise<void> {
  if (!breaking) return;
  await client.query('UPDATE calendar.meta SET breaking_version = $1', [breaking.version]);
  await notifyWorkers(queryable(client), { breaking: breaking.version });
}
