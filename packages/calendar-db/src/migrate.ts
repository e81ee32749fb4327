import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import Postgrator from 'postgrator';
import { connectionConfig, type DatabaseOptions, type Queryable } from './database.ts';
import { MIGRATIONS_FOLDER } from './sql-file.ts';

/** Serializes migrators: the second one waits and finds nothing left to do. */
const MIGRATION_LOCK = 4_315_001;
const MIGRATION_TIMEOUT_MS = 600_000;

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Workers built for an older schema cannot go on after it. */
  readonly breaking: boolean;
}

/** The migrations that this build brings, oldest first. A file's first line says whether it is breaking. */
export function knownMigrations(): Migration[] {
  return readdirSync(MIGRATIONS_FOLDER)
    .map((file) => ({ file, match: /^(\d+)\.do\.(.+)\.sql$/u.exec(file) }))
    .flatMap(({ file, match }) => (match ? [{ file, version: Number(match[1]), name: match[2] ?? '' }] : []))
    .map(({ file, version, name }) => ({
      version,
      name,
      breaking: readFileSync(new URL(file, MIGRATIONS_FOLDER), 'utf8').startsWith('-- breaking: true'),
    }))
    .sort((a, b) => a.version - b.version);
}

/** The schema version that this build is written for. */
export function expectedSchemaVersion(): number {
  return knownMigrations().at(-1)?.version ?? 0;
}

export type SchemaStatus = {
  readonly state: 'current' | 'missing' | 'older' | 'newer' | 'newerBreaking';
  readonly version: number;
  readonly expected: number;
};

/** Compares the database's schema with the one that this build is written for. */
export async function readSchemaStatus(database: Queryable): Promise<SchemaStatus> {
  const expected = expectedSchemaVersion();
  const { rows: exists } = await database.query<{ there: boolean }>(
    "SELECT to_regclass('calendar.schema_version') IS NOT NULL AS there",
  );
  if (!exists[0]?.there) return { state: 'missing', version: 0, expected };
  const { rows } = await database.query<{ version: number }>(
    'SELECT coalesce(max(version), 0)::integer AS version FROM calendar.schema_version',
  );
  const version = rows[0]?.version ?? 0;
  if (version === expected) return { state: 'current', version, expected };
  if (version < expected) return { state: version === 0 ? 'missing' : 'older', version, expected };
  const { rows: meta } = await database.query<{ breaking: number }>(
    'SELECT breaking_version AS breaking FROM calendar.meta',
  );
  return { state: (meta[0]?.breaking ?? 0) > expected ? 'newerBreaking' : 'newer', version, expected };
}

/**
 * Brings the schema up to this build's version, each migration in a transaction of its own, and tells running workers
 * when a breaking one was among them.
 *
 * @returns the migrations that were applied now, oldest first
 * @throws the database's error, with the migration's file in its message
 */
export async function migrate(options: DatabaseOptions): Promise<Migration[]> {
  const client = new pg.Client({
    ...connectionConfig({ ...options, applicationName: 'trueconf-calendar migrate' }),
    statement_timeout: MIGRATION_TIMEOUT_MS,
    lock_timeout: MIGRATION_TIMEOUT_MS,
    idle_in_transaction_session_timeout: 0,
  });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query('CREATE SCHEMA IF NOT EXISTS calendar');
    const applied = await postgratorFor(client, options.database).migrate();
    const known = new Map(knownMigrations().map((migration) => [migration.version, migration]));
    const done = applied.flatMap(({ version }) => known.get(version) ?? []);
    const breaking = done.filter((migration) => migration.breaking).at(-1);
    if (breaking) {
      await client.query('UPDATE calendar.meta SET breaking_version = $1', [breaking.version]);
      await client.query(`SELECT pg_notify('calendar_worker', json_build_object('breaking', $1::integer)::text)`, [
        breaking.version,
      ]);
    }
    return done;
  } finally {
    await client.end();
  }
}

function postgratorFor(client: pg.Client, database: string): Postgrator {
  return new Postgrator({
    driver: 'pg',
    database,
    schemaTable: 'calendar.schema_version',
    currentSchema: 'calendar',
    migrationPattern: `${fileURLToPath(MIGRATIONS_FOLDER)}*.sql`,
    validateChecksums: true,
    execQuery: (query) => client.query(query),
    execSqlScript: async (script) => {
      await client.query('BEGIN');
      try {
        await client.query(script);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      }
    },
  });
}
