import type { TestProject } from 'vitest/node';
import { CalendarDatabase, type DatabaseOptions } from '../database.ts';
import { migrate } from '../migrate.ts';
import { startEmbeddedServer } from './embedded-server.ts';
import { TEMPLATE_DATABASE } from './test-database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser access to the test server; `calendar_template` on it holds the migrated schema. */
    calendarTestServer: DatabaseOptions;
  }
}

/**
 * One Postgres for all test files of a run: embedded, or the server that `CALENDAR_TEST_DATABASE_URL` names (its user
 * must be allowed to create databases). The schema is migrated once, into a template that each file copies.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.CALENDAR_TEST_DATABASE_URL;
  const embedded = given === undefined ? await startEmbeddedServer() : null;
  const server = embedded?.options ?? optionsFromUrl(given ?? '');
  const admin = new CalendarDatabase(server);
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE_DATABASE} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
    await migrate({ ...server, database: TEMPLATE_DATABASE });
  } catch (error) {
    await embedded?.stop();
    throw error;
  } finally {
    await admin.close();
  }
  project.provide('calendarTestServer', server);
  return async () => {
    await embedded?.stop();
  };
}

function optionsFromUrl(text: string): DatabaseOptions {
  const url = new URL(text);
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1) || 'postgres',
  };
}
