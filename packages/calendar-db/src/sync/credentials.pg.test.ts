import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import {
  type CredentialKey,
  countCredentialAcceptance,
  countCredentialRefusal,
  giveBackSignInPermits,
  readRefusedCredentials,
  renewSignInPermits,
  takeSignInPermit,
} from './credentials.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const account = (): CredentialKey => ({ provider: 'exchange/ews', login: randomUUID(), fingerprint: 'old password' });
const refuse = (key: CredentialKey, permit?: string) => countCredentialRefusal(db.database, key, 'refused', permit);
const ask = (key: CredentialKey, permit = randomUUID(), urgent = false) =>
  takeSignInPermit(db.database, key, permit, { seconds: 10, urgent });
const giveBack = (key: CredentialKey, permit: string, unseen = false) =>
  giveBackSignInPermits(db.database, key, [permit], unseen);

/** A permit that must be granted. */
async function taken(key: CredentialKey): Promise<string> {
  const permit = randomUUID();
  expect(await ask(key, permit)).toMatchObject({ granted: true });
  return permit;
}

/** A success of a use that begins now. */
async function accept(key: CredentialKey): Promise<void> {
  const { rows } = await db.database.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  await countCredentialAcceptance(db.database, key, rows[0]?.now as string);
}

async function proven(): Promise<CredentialKey> {
  const key = account();
  const permit = await taken(key);
  await accept(key);
  await giveBack(key, permit);
  return key;
}

/** As if so much time had passed. */
async function pass(key: CredentialKey, interval: string): Promise<void> {
  const at = 'unseen_at = unseen_at - $2::interval, refused_at = refused_at - $2::interval';
  await db.database.query(`UPDATE calendar.credential SET ${at} WHERE login = $1`, [key.login, interval]);
  const until = 'until = until - $2::interval';
  await db.database.query(`UPDATE calendar.sign_in_permit SET ${until} WHERE login = $1`, [key.login, interval]);
}

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
    await accept(key);
    expect(await refuse(key)).toEqual({ failures: 1, stopped: false });
  });

  it('is not undone by the success of a use that began before it', async () => {
    const key = await proven();
    const { at } = await ask(key);
    await refuse(key);
    await countCredentialAcceptance(db.database, key, at);
    expect(await refuse(key)).toEqual({ failures: 2, stopped: false });
  });

  it('counts each password by itself: another one starts afresh and changes nothing about the first', async () => {
    const key = account();
    for (let n = 0; n < 3; n++) await refuse(key);
    const renewed = { ...key, fingerprint: 'new password' };
    expect(await refuse(renewed)).toEqual({ failures: 1, stopped: false });
    await accept(renewed);
    expect(await readRefusedCredentials(db.database)).toContainEqual({ ...key, failures: 3, stopped: true });
    expect(await ask(key)).toMatchObject({ granted: false, stopped: true });
    expect(await ask(renewed)).toMatchObject({ granted: true });
  });
});

describe('takeSignInPermit', () => {
  it('gives one of many a password that nobody has proven, and the next one when its outcome is known', async () => {
    const key = account();
    const permits = Array.from({ length: 8 }, () => randomUUID());
    const answers = await Promise.all(permits.map((permit) => ask(key, permit)));
    expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
    expect(answers.filter(({ granted, stopped, waitMs }) => !granted && !stopped && waitMs === 0)).toHaveLength(7);
    const mine = permits[answers.findIndex(({ granted }) => granted)] as string;
    await refuse(key, mine);
    expect(await ask(key)).toMatchObject({ granted: true });
  });

  it('grants three refusals in a row, then nobody gets one', async () => {
    const key = account();
    for (let n = 0; n < 3; n++) await refuse(key, await taken(key));
    expect(await ask(key)).toMatchObject({ granted: false, stopped: true });
  });

  it('gives three at a time of a password that is right', async () => {
    const key = await proven();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(key)));
    expect(answers.filter(({ granted }) => granted)).toHaveLength(3);
    expect(answers.every(({ doubtful, waitMs }) => !doubtful && waitMs === 0)).toBe(true);
  });

  it('counts a use whose worker died, or gave it up, for half an hour, and a failed connection not at all', async () => {
    const key = account();
    for (let n = 0; n < 5; n++) await giveBack(key, await taken(key));
    for (let n = 0; n < 2; n++) await giveBack(key, await taken(key), true);
    await taken(key);
    await pass(key, '11 seconds');
    const held = await ask(key);
    expect(held).toMatchObject({ granted: false, stopped: false });
    expect(held.waitMs).toBeGreaterThan(1_700_000);
    await pass(key, '31 minutes');
    await taken(key);
  });

  it('holds no unseen outcome against a password that was right until then', async () => {
    const key = await proven();
    for (let n = 0; n < 4; n++) await giveBack(key, await taken(key), true);
    for (let n = 0; n < 3; n++) await taken(key);
    await pass(key, '11 seconds');
    expect(await ask(key)).toMatchObject({ granted: true, doubtful: false });
  });

  it('forgets what nobody saw the end of after a success', async () => {
    const key = account();
    for (let n = 0; n < 2; n++) await giveBack(key, await taken(key), true);
    const permit = await taken(key);
    await accept(key);
    await giveBack(key, permit);
    for (let n = 0; n < 3; n++) await refuse(key, await taken(key));
    expect(await ask(key)).toMatchObject({ stopped: true });
  });

  it('never lets more uses be refused than three in a row, whatever happens in whatever order', async () => {
    const step = fc.constantFrom('take', 'take', 'refuse', 'give back', 'lose');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const key = await proven();
        const held: string[] = [];
        let refused = 0;
        for (const each of steps) {
          if (each === 'take') {
            const permit = randomUUID();
            if ((await ask(key, permit)).granted) held.push(permit);
            continue;
          }
          const permit = held.shift();
          if (permit === undefined) continue;
          if (each === 'refuse') {
            refused++;
            await refuse(key, permit);
          } else await giveBack(key, permit, each === 'lose');
        }
        expect(refused + held.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 40 },
    );
  });
});

describe('renewSignInPermits', () => {
  it('keeps permits, and tells of those that were given up as dead', async () => {
    const key = await proven();
    const [kept, lost] = [await taken(key), await taken(key)];
    const until =
      "UPDATE calendar.sign_in_permit SET until = clock_timestamp() - interval '1 second' WHERE permit = $1";
    await db.database.query(until, [lost]);
    const renewal = await renewSignInPermits(db.database, key, [kept, lost], { seconds: 60, yields: false });
    expect(renewal).toMatchObject({ kept: [kept], stopped: false, doubtful: false, wanted: false });
    await pass(key, '11 seconds');
    for (let n = 0; n < 2; n++) await taken(key);
    expect(await ask(key)).toMatchObject({ granted: false });
  });

  it('asks one worker that can yield a permit to do so when another has none', async () => {
    const key = await proven();
    const permits = [await taken(key), await taken(key), await taken(key)];
    const renew = (yields: boolean) =>
      renewSignInPermits(db.database, key, permits.slice(0, 1), { seconds: 10, yields });
    expect(await ask(key)).toMatchObject({ granted: false });
    expect(await renew(true)).toMatchObject({ wanted: false });
    expect(await ask(key, randomUUID(), true)).toMatchObject({ granted: false });
    expect(await renew(false)).toMatchObject({ wanted: false });
    expect(await renew(true)).toMatchObject({ wanted: true });
    expect(await renew(true)).toMatchObject({ wanted: false });
  });
});
