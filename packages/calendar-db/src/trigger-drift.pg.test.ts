import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';
import { checkTriggers, readTriggers, triggerLines } from './trigger-drift.ts';

describe('the drift check', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  it('compares with a committed expectation that is current (after a change of a migration: vitest -u)', async () => {
    await expect(triggerLines(await readTriggers(db.database))).toMatchFileSnapshot('../sql/triggers.expected.txt');
  });

  it('finds nothing in a fresh schema', async () => {
    expect(await checkTriggers(db.database)).toEqual([]);
  });
});
