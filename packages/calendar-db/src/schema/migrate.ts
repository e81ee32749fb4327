import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import Postgrator from 'postgrator';
import { connectionConfig, type DatabaseOptions } from '../database/database.ts';
import { defineQuery, queryable, runQuery } from '../database/query.ts';
import { notifyWorkers } from '../notifications/worker-message.ts';
import { applyFunctions, applyFunctionsBeforeMigrations } from './apply-functions.ts';
import { BUILD_SCHEMA, knownMigrations, type Migration, readFunctions, type SchemaSources } from './schema-sources.ts';
import { readSchemaStatus } from './schema-status.ts';

const sql = {
  lock: defineQuery('schema/lock-migrations', { params: ['bigint'] }),
  findSchema: defineQuery('schema/find-schema'),
  noteBreaking: defineQuery('schema/note-breaking', { params: ['integer'] }),
};

/** Serializes migrators: the second one waits and finds nothing left to do. */
const MIGRATION_LOCK = 4_315_001;
const MIGRATION_TIMEOUT_MS = 600_000;

/** A migration could not be applied; the schema is as it was. */
export class MigrationFailedError extends Error {
  readonly code = 'migration-failed';

  constructor(file: string, cause: Error) {
    super(`migration ${file} failed, the schema was left as it was: ${cause.message}`, { cause });
    this.name = new.target.name;
  }
}

/** A migration's file differs from what was applied: migrations only go forward, what was released stays. */
export class MigrationEditedError extends Error {
  readonly code = 'migration-edited';

  constructor(file: string, options?: ErrorOptions) {
    super(
      `migration ${file} is not the one that this database was migrated with; put the released file back and bring changes in a new migration`,
      options,
    );
    this.name = new.target.name;
  }
}

/** A development build made the schema with migrations that were merged into the baseline since. */
export class SchemaBeforeBaselineError extends Error {
  readonly code = 'schema-before-baseline';

  constructor(database: string) {
    super(
      `the schema in the database "${database}" was made by a development build whose migrations are not this build's, and its ` +
        'data cannot be taken over; drop it as its owner (DROP SCHEMA calendar CASCADE) and run "calendarctl migrate" again, ' +
        'or start the local stack with "pnpm start --reset"',
    );
    this.name = new.target.name;
  }
}

export interface MigrateOutcome {
  /** The migrations that were applied now, oldest first. */
  readonly migrations: readonly Migration[];
  /** `replaced`: the functions were another build's. `newer`: the schema is a newer build's and nothing was done. */
  readonly functions: 'current' | 'replaced' | 'newer';
}

/**
 * Brings the schema up to this build's: migrations and then functions, all in one transaction. Tells running workers when a
 * breaking migration was among those applied. On a newer schema nothing is done.
 *
 * Rules for migrations: numbered without gaps, forward only, never edited once released; the first line says
 * `-- breaking: true` when workers of older builds cannot work on the new schema (also when a trigger goes or changes
 * its name, or a function goes or changes its signature), else `-- breaking: false`; each must be able to run in a
 * transaction. Since functions are made after them, they call none but those in `sql/functions/stored`, and drop one with
 * IF EXISTS.
 *
 * Rules for functions: one file each; workers of older builds must be able to live with a new body, or a breaking
 * migration comes with it. A body in `sql/functions/stored` changes together with a migration that rewrites what is stored
 * by it and says so: `-- stores: NAME DIGEST`.
 *
 * @param sources migrations and functions; those of this build unless given
 * @throws SchemaBeforeBaselineError, MigrationFailedError, MigrationEditedError, FunctionSignatureChangedError, FunctionFailedError, or the
 *   database's own error when it cannot be reached or may not be changed
 */
export async function migrate(
  options: DatabaseOptions,
  sources: SchemaSources = BUILD_SCHEMA,
): Promise<MigrateOutcome> {
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
    await runQuery(client, sql.lock, [MIGRATION_LOCK]);
    const { state } = await readSchemaStatus(queryable(client), sources);
    if (state === 'beforeBaseline') throw new SchemaBeforeBaselineError(options.database);
    if (state === 'newer' || state === 'newerBreaking') return { migrations: [], functions: 'newer' };
    const migrations = await apply(client, sources);
    await client.query('COMMIT');
    return { migrations, functions: state === 'current' ? 'current' : 'replaced' };
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, sources: SchemaSources): Promise<Migration[]> {
  const functions = readFunctions(sources.functions);
  await createSchema(client);
  await applyFunctionsBeforeMigrations(client, functions);
  const done = await applyMigrations(client, sources.migrations);
  await applyFunctions(client, functions);
  await tellBreaking(client, done.filter((migration) => migration.breaking).at(-1));
  return done;
}

/** Not `IF NOT EXISTS`: that asks for the right to create even where an administrator has made the schema for us. */
async function createSchema(client: pg.Client): Promise<void> {
  const { rowCount } = await runQuery(client, sql.findSchema);
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
    if (error.message.startsWith('MD5 checksum failed')) throw new MigrationEditedError(file, { cause: error });
    throw file === '' ? error : new MigrationFailedError(file, error);
  }
}

async function tellBreaking(client: pg.Client, breaking: Migration | undefined): Promise<void> {
  if (!breaking) return;
  await runQuery(client, sql.noteBreaking, [breaking.version]);
  await notifyWorkers(queryable(client), { breaking: breaking.version });
}
