import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { CalendarDatabase, type DatabaseOptions } from '../database.ts';

/** Holds the migrated schema; every test database is a copy of it. */
export const TEMPLATE_DATABASE = 'calendar_template';

export interface TestDatabase {
  readonly options: DatabaseOptions;
  readonly database: CalendarDatabase;
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
  const name = `calendar_test_${randomBytes(6).toString('hex')}`;
  const admin = new CalendarDatabase({ ...server, poolSize: 1 });
  await createFromTemplate(admin, name);
  const options: DatabaseOptions = { ...server, database: name, applicationName: 'calendar test' };
  const database = new CalendarDatabase(options);
  return {
    options,
    database,
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

/** Postgres copies one template at a time and refuses while another copy is being made: then it is tried again. */
async function createFromTemplate(admin: CalendarDatabase, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.query('SELECT pg_advisory_lock(1)');
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
    } finally {
      await admin.query('SELECT pg_advisory_unlock_all()');
    }
  }
}

async function dropUnlessInUse(admin: CalendarDatabase, name: string): Promise<void> {
  // Backends of connections that were closed just now may still be on their way out: half a second is theirs.
  const { rows } = await admin.query<{ application_name: string; query: string }>(
    'SELECT application_name, query FROM pg_stat_activity WHERE datname = $1 AND pg_sleep(0.05) IS NOT NULL',
    [name],
  );
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  if (rows.length > 0) {
    throw new Error(
      `${rows.length} connection(s) to ${name} were left open: ${rows.map((r) => `${r.application_name}: ${r.query}`).join('; ')}`,
    );
  }
}
