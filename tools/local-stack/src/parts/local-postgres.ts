import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseOptions } from 'calendar-db/database';
import { embeddedPostgres } from 'calendar-db/testing/embedded-postgres';
import { SqlDatabase } from 'calendar-db/testing/sql-database';

const ROLE = 'bridge';
const DATABASE = 'calendar';
const FLAGS = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'];
const MEASURABLE = [
  'CREATE EXTENSION IF NOT EXISTS pg_stat_statements',
  `GRANT pg_monitor TO ${ROLE}`,
  `GRANT SET ON PARAMETER session_replication_role TO ${ROLE}`,
];

/** Postgres could not make its data folder, or ended while it was starting. */
class PostgresStartError extends Error {
  readonly code = 'local-stack-postgres-start';

  constructor(data: string, port: number, cause: string) {
    super(
      `Postgres with the data folder ${data} did not start on port ${port}: ${cause}. ` +
        'Repair that, or forget the data of earlier runs with --reset, or take another folder with --data',
    );
    this.name = new.target.name;
  }
}

export interface LocalPostgres {
  /** How the workers reach the calendar database: an ordinary role, which owns that database and no more. */
  readonly options: DatabaseOptions;
  /** The superuser, for tests that must reach behind the workers' back. */
  readonly admin: DatabaseOptions;
  stop(): Promise<void>;
}

/**
 * Starts a Postgres on loopback with scram passwords, its data in `folder`, making both when they are not there yet.
 *
 * @param folder keeps the data between runs, and the generated passwords in files that only their owner reads
 * @param measurable whether it counts statements, and the workers' role may read its figures and fill tables without triggers
 * @throws PostgresStartError with the reason that Postgres gave
 */
export async function startLocalPostgres(
  folder: string,
  port: number,
  { measurable = false }: { readonly measurable?: boolean } = {},
): Promise<LocalPostgres> {
  await mkdir(folder, { recursive: true });
  if (process.getuid?.() === 0) await letOthersPass(folder);
  const adminPassword = await keptPassword(join(folder, 'postgres.password'));
  const password = await keptPassword(join(folder, `${ROLE}.password`));
  const data = join(folder, 'data');
  // The stack drains the workers before it stops Postgres.
  const EmbeddedPostgres = await embeddedPostgres(['beforeExit', 'exit', 'SIGHUP', 'SIGINT', 'SIGTERM']);
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: 'postgres',
    password: adminPassword,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: [...FLAGS, ...(measurable ? ['-c', 'shared_preload_libraries=pg_stat_statements'] : [])],
    onLog: (text: string) => log.push(text),
    onError: (error: unknown) => log.push(String(error)),
  });
  try {
    if (!existsSync(join(data, 'PG_VERSION'))) {
      await rm(data, { recursive: true, force: true });
      await server.initialise();
    }
    await server.start();
  } catch (error) {
    throw new PostgresStartError(data, port, causeIn(log.join('')) ?? messageOf(error));
  }
  const admin: DatabaseOptions = {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: adminPassword,
    database: 'postgres',
  };
  await ensureDatabase(admin, password);
  if (measurable) await runAs({ ...admin, database: DATABASE }, MEASURABLE);
  return {
    options: { ...admin, user: ROLE, password, database: DATABASE },
    admin: { ...admin, database: DATABASE },
    stop: () => server.stop(),
  };
}

/** What the programs of Postgres reported about their failure, in one line; null when they reported none. */
function causeIn(log: string): string | null {
  const causes = [...log.matchAll(/\b(?:FATAL|PANIC|error|DETAIL|HINT|LOG(?=: +(?:could not|syntax error))): +(.+)/gu)];
  return causes.length === 0 ? null : causes.map(([, text = '']) => text.replace(/\.$/u, '')).join('; ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it gave no reason';
}

async function ensureDatabase(admin: DatabaseOptions, password: string): Promise<void> {
  const database = new SqlDatabase({ ...admin, poolSize: 1 });
  try {
    const { rows: roles } = await database.query('SELECT FROM pg_roles WHERE rolname = $1', [ROLE]);
    if (roles.length === 0) await database.query(`CREATE ROLE ${ROLE} LOGIN`);
    // Generated from letters and digits, so it needs no quoting.
    await database.query(`ALTER ROLE ${ROLE} PASSWORD '${password}'`);
    const { rows: databases } = await database.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (databases.length === 0) await database.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`);
  } finally {
    await database.close();
  }
}

async function runAs(options: DatabaseOptions, statements: readonly string[]): Promise<void> {
  const database = new SqlDatabase({ ...options, poolSize: 1 });
  try {
    for (const statement of statements) await database.query(statement);
  } finally {
    await database.close();
  }
}

async function keptPassword(file: string): Promise<string> {
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(18).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}

/** Root's Postgres runs as the user `postgres`, who must be able to reach the data folder. */
async function letOthersPass(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (let parent = dirname(folder); parent !== dirname(parent); parent = dirname(parent)) {
    const { mode } = await stat(parent);
    if ((mode & 0o001) === 0) {
      throw new Error(
        `Postgres does not run as root but as the user postgres, who cannot pass ${parent}: ` +
          `run as an ordinary user, or allow it with chmod o+x ${parent}`,
      );
    }
  }
}
