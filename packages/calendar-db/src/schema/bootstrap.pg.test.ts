import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readLogHead } from '../changes/change-log.ts';
import { saveToMailbox } from '../testing/index.ts';
import { SqlDatabase } from '../testing/sql-database.ts';
import { bootstrap, bootstrapScript } from './bootstrap.ts';
import { migrate } from './migrate.ts';
import { readSchemaStatus } from './schema-status.ts';
import { checkTriggers } from './trigger-drift.ts';

describe('bootstrap of a database that is not ours', () => {
  const server = inject('calendarTestServer');
  // Names that need quoting.
  const names = {
    role: `calendar "role" ${randomBytes(3).toString('hex')}`,
    database: `calendar-${randomBytes(3).toString('hex')}`,
  };
  const password = "it's a ?password";
  let admin: SqlDatabase;

  beforeAll(() => {
    admin = new SqlDatabase({ ...server, poolSize: 1 });
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE IF EXISTS "${names.database}" WITH (FORCE)`);
    const role = `"${names.role.replaceAll('"', '""')}"`;
    await admin.query(`REVOKE ALL ON FUNCTION pg_catalog.pg_control_system() FROM ${role}`);
    await admin.query(`DROP ROLE IF EXISTS ${role}`);
    await admin.close();
  });

  it('makes a bare role able to migrate and work, and changes nothing when done again', async () => {
    await bootstrap(server, names, password);
    await bootstrap(server, names);
    const options = { ...server, user: names.role, password, database: names.database };
    await migrate(options);
    const db = new SqlDatabase(options);
    try {
      expect(await readSchemaStatus(db)).toMatchObject({ state: 'current' });
      expect(await checkTriggers(db)).toEqual([]);
      await saveToMailbox(db, 'anna@corp.example');
      expect(await readLogHead(db)).toMatchObject({ head: 1, epoch: expect.stringMatching(/^[0-9a-f]{16}$/u) });
      const { rows } = await db.query<{ superuser: boolean }>(
        'SELECT rolsuper OR rolcreatedb OR rolcreaterole AS superuser FROM pg_roles WHERE rolname = current_user',
      );
      expect(rows).toEqual([{ superuser: false }]);
    } finally {
      await db.close();
    }
  });

  it('can be printed for psql, with names quoted and no password', () => {
    const script = bootstrapScript({ role: "o'calendar", database: 'Calendar' });
    expect(script).toContain(`CREATE ROLE "o'calendar" LOGIN`);
    expect(script).toContain("rolname = 'o''calendar'");
    expect(script).toContain('CREATE DATABASE "Calendar" OWNER "o\'calendar"');
    expect(script).toContain('\\connect "Calendar"');
    expect(script).not.toMatch(/:'?(role|database)/u);
  });
});
