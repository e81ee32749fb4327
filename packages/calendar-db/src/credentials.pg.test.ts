import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCredentialAcceptance, countCredentialRefusal, readRefusedCredentials } from './credentials.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const account = () => ({ provider: 'exchange/ews', login: randomUUID(), fingerprint: 'old password' });
const refuse = (key: ReturnType<typeof account>) => countCredentialRefusal(db.database, key, 'refused');

describe('countCredentialRefusal', () => {
  it('stops an account with the third refusal in a row, whoever counts', async () => {
    const key = account();
    const counts = await Promise.all([refuse(key), refuse(key), refuse(key)]);
    expect(counts.map(({ failures }) => failures).sort()).toEqual([1, 2, 3]);
    expect(counts.filter(({ stopped }) => stopped)).toHaveLength(1);
    expect(await readRefusedCredentials(db.database)).toContainEqual({ ...key, failures: 3, stopped: true });
  });

  it('begins anew after a success', async () => {
    const key = account();
    await refuse(key);
    await refuse(key);
    await countCredentialAcceptance(db.database, key);
    expect(await refuse(key)).toEqual({ failures: 1, stopped: false });
  });

  it('begins anew with a new password, and the old one’s success says nothing of it', async () => {
    const key = account();
    for (let n = 0; n < 3; n++) await refuse(key);
    const renewed = { ...key, fingerprint: 'new password' };
    expect(await refuse(renewed)).toEqual({ failures: 1, stopped: false });
    await countCredentialAcceptance(db.database, key);
    expect(await readRefusedCredentials(db.database)).toContainEqual({ ...renewed, failures: 1, stopped: false });
  });
});
