import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { expectedSchemaVersion } from './schema-sources.ts';
import { checkTriggers } from './trigger-drift.ts';

describe('the drift check', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase();
  });
  afterEach(() => db.drop());

  it('finds nothing in a database that this build has migrated', async () => {
    expect(await checkTriggers(db.database)).toEqual([]);
  });

  it('finds what would keep changes from being told', async () => {
    await db.database.query(`
      DROP TRIGGER event_deleted ON calendar.event;
      ALTER TABLE calendar.event DISABLE TRIGGER event_updated;
      ALTER TABLE calendar.mailbox ENABLE REPLICA TRIGGER mailbox_changed;
      CREATE OR REPLACE TRIGGER event_lock BEFORE INSERT ON calendar.event
        FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
      CREATE OR REPLACE FUNCTION calendar.event_inserted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      DROP TABLE calendar.group_member CASCADE;
    `);
    expect(await checkTriggers(db.database)).toEqual([
      { name: 'function event_inserted()', drift: 'altered' },
      { name: 'trigger event.event_deleted', drift: 'missing' },
      { name: 'trigger event.event_lock', drift: 'altered' },
      { name: 'trigger event.event_updated', drift: 'disabled' },
      { name: 'trigger group_member.group_member_deleted', drift: 'missing' },
      { name: 'trigger group_member.group_member_inserted', drift: 'missing' },
      { name: 'trigger group_member.group_member_lock', drift: 'missing' },
      { name: 'trigger group_member.group_member_updated', drift: 'missing' },
      { name: 'trigger mailbox.mailbox_changed', drift: 'disabled' },
    ]);
  });

  it('finds functions that are altered, gone, or recorded as those of another build', async () => {
    await db.database.query(`
      CREATE OR REPLACE FUNCTION calendar.age_out(p_mailbox_id bigint, p_before timestamptz, p_most integer) RETURNS integer
        LANGUAGE sql AS 'SELECT 0';
      ALTER FUNCTION calendar.canonical(text) IMMUTABLE;
      DROP FUNCTION calendar.list_sizes(text, text[], integer);
      UPDATE calendar.function_set SET digest = 'that of another build';
    `);
    expect(await checkTriggers(db.database)).toEqual([
      {
        name: 'function age_out(p_mailbox_id bigint, p_before timestamp with time zone, p_most integer)',
        drift: 'altered',
      },
      { name: 'function canonical(p_address text)', drift: 'altered' },
      { name: 'function list_sizes(p_provider text, p_lists text[], p_most integer)', drift: 'missing' },
      { name: 'the recorded digest of all functions', drift: 'altered' },
    ]);
  });

  it('lets a newer schema that still suits this build have other functions, but not fewer triggers', async () => {
    await db.database.query(`
      INSERT INTO calendar.schema_version (version) VALUES (${expectedSchemaVersion() + 1});
      CREATE OR REPLACE FUNCTION calendar.event_inserted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      DROP TRIGGER event_deleted ON calendar.event;
    `);
    expect(await checkTriggers(db.database)).toEqual([{ name: 'trigger event.event_deleted', drift: 'missing' }]);
  });
});
