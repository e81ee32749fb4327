import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { DatabaseOptions } from '../database/database.ts';
import { defineQuery } from '../database/query.ts';
import { SqlDatabase } from './sql-database.ts';

const sql = { clear: defineQuery('testing/clear') };

export interface TestDatabase {
  readonly options: DatabaseOptions;
  readonly database: SqlDatabase;
  /** Makes it as empty as it was at first, much faster than a new one. */
  clear(): Promise<void>;
  /** Closes the pool and drops the database; fails when some other connection was left open. */
  drop(): Promise<void>;
}

/**
 * A database of its own for one test file, copied from the migrated template.
 *
 * @example
 * const db = await createTestDatabase();
 * afterAll(() => db.drop());
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('calendarTestServer');
  const template = inject('calendarTestTemplate');
  const name = `calendar_test_${randomBytes(6).toString('hex')}`;
  const admin = new SqlDatabase({ ...server, poolSize: 1 });
  await createFromTemplate(admin, name, template);
  const options: DatabaseOptions = { ...server, database: name, applicationName: 'calendar test' };
  const database = new SqlDatabase(options);
  return {
    options,
    database,
    clear: async () => {
      await database.query(sql.clear);
    },
    drop: async () => {
      await database.close();
      try {
        await dropUnlessInUse(admin, name);
      } finally {
        await admin.close();
      }
    },
  };
}

/** Postgres copies a template for one at a time: the others wait here, which is quicker than being refused. */
async function createFromTemplate(admin: SqlDatabase, name: string, template: string): Promise<void> {
  await admin.query('SELECT pg_advisory_lock(4315002)');
  try {
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  } finally {
    await admin.query('SELECT pg_advisory_unlock(4315002)');
  }
}

/** Backends of connections that were closed just now may still be on their way out: that much is theirs. */
const LEAVING_MS = 5_000;

interface Connection {
  readonly application: string;
  readonly query: string;
}

async function dropUnlessInUse(admin: SqlDatabase, name: string): Promise<void> {
  const leftOpen = await connectionsTo(admin, name, Date.now() + LEAVING_MS);
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  if (leftOpen.length === 0) return;
  const list = leftOpen.map(({ application, query }) => `\n  ${application}: ${query}`).join('');
  throw new Error(`${leftOpen.length} connection(s) to ${name} were left open; whoever opened one closes it:${list}`);
}

/** Who is connected to a database; asks again until nobody is or the time has come. */
async function connectionsTo(admin: SqlDatabase, name: string, deadline: number): Promise<Connection[]> {
  for (;;) {
    const { rows } = await admin.query<Connection & Record<string, unknown>>(
      `SELECT application_name AS application, query FROM pg_stat_activity
       WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows;
    await sleep(20);
  }
}
