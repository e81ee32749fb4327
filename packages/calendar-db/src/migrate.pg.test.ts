import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, readSchemaStatus } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

describe('migrations', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  it('are all there in a copy of the template, and a second migrator finds nothing to do', async () => {
    expect(await readSchemaStatus(db.database)).toMatchObject({ state: 'current' });
    expect(await migrate(db.options)).toEqual([]);
  });
});
