import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { SqlDatabase } from '../testing/sql-database.ts';
import { isFailureOfData } from './statement-failure.ts';
import { withStatementTimeout } from './statement-timeout.ts';

describe('a statement timeout', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  it('ends a statement of the work that takes longer, which is a failure of its data', async () => {
    const work = db.database.transaction((client) =>
      withStatementTimeout(client, 20, () => client.query('SELECT pg_sleep(60)')),
    );
    const error = await work.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: '57014' });
    expect(isFailureOfData(error)).toBe(true);
  });

  it('is for the work alone', async () => {
    const timeouts = await db.database.transaction(async (client) => {
      const read = async () =>
        (await client.query<{ timeout: string }>("SELECT current_setting('statement_timeout') AS timeout")).rows[0]
          ?.timeout;
      return [await read(), await withStatementTimeout(client, 1_234, read), await read()];
    });
    expect(timeouts).toEqual(['30s', '1234ms', '30s']);
  });

  it.each([
    ['no server answers', { port: 1 }],
    ['the database does not exist', { database: 'no_such_database' }],
  ])('is not what a failure is like when %s', async (_, options) => {
    const elsewhere = new SqlDatabase({ ...db.options, ...options });
    const error = await elsewhere.query('SELECT 1').catch((failure: unknown) => failure);
    await elsewhere.close();
    expect(error).toBeInstanceOf(Error);
    expect(isFailureOfData(error)).toBe(false);
  });
});
