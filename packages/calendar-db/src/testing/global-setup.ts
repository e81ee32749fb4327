import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import type { DatabaseOptions } from '../database/database.ts';
import { migrate } from '../schema/migrate.ts';
import { startEmbeddedServer } from './embedded-server.ts';
import { SqlDatabase } from './sql-database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How to reach the test server, as somebody who may create databases. */
    calendarTestServer: DatabaseOptions;
    /** The database on it that holds the migrated schema; every test database is a copy of it. */
    calendarTestTemplate: string;
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
  // Runs that share a server do not share a template.
  const template = `calendar_template_${randomBytes(4).toString('hex')}`;
  const teardown = async () => {
    if (embedded) await embedded.stop();
    else await asAdmin(server, (admin) => admin.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`));
  };
  try {
    await asAdmin(server, (admin) => admin.query(`CREATE DATABASE ${template}`));
    await migrate({ ...server, database: template });
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide('calendarTestServer', server);
  project.provide('calendarTestTemplate', template);
  return teardown;
}

async function asAdmin(server: DatabaseOptions, work: (admin: SqlDatabase) => Promise<unknown>): Promise<void> {
  const admin = new SqlDatabase({ ...server, poolSize: 1 });
  try {
    await work(admin);
  } finally {
    await admin.close();
  }
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
