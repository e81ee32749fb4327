import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  beginCredentialAttempt,
  countCredentialAcceptance,
  countCredentialRefusal,
  endCredentialAttempt,
  readRefusedCredentials,
  renewCredentialAttempt,
} from './credentials.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const account = () => ({ provider: 'exchange/ews', login: randomUUID(), fingerprint: 'old password' });
const begin = (key: ReturnType<typeof account>, attempt = randomUUID()) =>
  beginCredentialAttempt(db.database, key, attempt, 10);
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

  it('counts each password by itself: another one starts afresh and changes nothing about the first', async () => {
    const key = account();
    for (let n = 0; n < 3; n++) await refuse(key);
    const renewed = { ...key, fingerprint: 'new password' };
    expect(await refuse(renewed)).toEqual({ failures: 1, stopped: false });
    await countCredentialAcceptance(db.database, renewed);
    expect(await readRefusedCredentials(db.database)).toContainEqual({ ...key, failures: 3, stopped: true });
    expect(await begin(key)).toMatchObject({ granted: false, stopped: true });
    expect(await begin(renewed)).toMatchObject({ granted: true });
  });
});

describe('beginCredentialAttempt', () => {
  it('gives one of many the turn, and the next one when its outcome is known', async () => {
    const key = account();
    const attempts = Array.from({ length: 8 }, () => randomUUID());
    const answers = await Promise.all(attempts.map((attempt) => begin(key, attempt)));
    expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
    expect(answers.filter(({ granted, stopped, waitMs }) => !granted && !stopped && waitMs === 0)).toHaveLength(7);
    const mine = attempts[answers.findIndex(({ granted }) => granted)] as string;
    await countCredentialRefusal(db.database, key, 'refused', mine);
    expect(await begin(key)).toMatchObject({ granted: true });
  });

  it('grants three in a row, then nobody gets one', async () => {
    const key = account();
    for (let n = 0; n < 3; n++) {
      const attempt = randomUUID();
      expect(await begin(key, attempt)).toMatchObject({ granted: true });
      await countCredentialRefusal(db.database, key, 'refused', attempt);
    }
    expect(await begin(key)).toMatchObject({ granted: false, stopped: true });
  });

  it('counts an attempt whose worker died for half an hour, and a failed connection not at all', async () => {
    const key = account();
    for (let n = 0; n < 5; n++) {
      const attempt = randomUUID();
      expect(await begin(key, attempt)).toMatchObject({ granted: true });
      await endCredentialAttempt(db.database, attempt, false);
    }
    for (let n = 0; n < 2; n++) {
      const attempt = randomUUID();
      expect(await begin(key, attempt)).toMatchObject({ granted: true });
      await endCredentialAttempt(db.database, attempt, true);
    }
    const dead = randomUUID();
    expect(await begin(key, dead)).toMatchObject({ granted: true });
    await renewCredentialAttempt(db.database, dead, -1);
    const held = await begin(key);
    expect(held).toMatchObject({ granted: false, stopped: false });
    expect(held.waitMs).toBeGreaterThan(1_700_000);
    const later =
      "attempt_until = attempt_until - interval '31 minutes', unseen_at = unseen_at - interval '31 minutes'";
    await db.database.query(`UPDATE calendar.credential SET ${later} WHERE login = $1`, [key.login]);
    expect(await begin(key)).toMatchObject({ granted: true });
  });

  it('begins anew after a success', async () => {
    const key = account();
    for (let n = 0; n < 2; n++) {
      const attempt = randomUUID();
      await begin(key, attempt);
      await endCredentialAttempt(db.database, attempt, true);
    }
    await begin(key);
    await countCredentialAcceptance(db.database, key);
    for (let n = 0; n < 3; n++) {
      const attempt = randomUUID();
      expect(await begin(key, attempt)).toMatchObject({ granted: true });
      await countCredentialRefusal(db.database, key, 'refused', attempt);
    }
  });
});
