import { registerMailboxes } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { EwsHttpError, type UserPlace } from 'ews-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PlaceRoundOutcome, placeRound } from './place-round.ts';

const PROVIDER = 'exchange/ews';
const OWN = 'https://mail.corp.example/EWS/Exchange.asmx';
const NORTH = 'https://north.corp.example/EWS/Exchange.asmx';
const EVIL = 'https://mail.evil.example/EWS/Exchange.asmx';
const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.database.query('DELETE FROM calendar.mailbox');
  await registerMailboxes(db.database, PROVIDER, [ANNA, BORIS], { groupSize: 150, move: true });
});

const here = (externalEwsUrl: string | null, internalEwsUrl: string | null = null): UserPlace => ({
  ...{ found: true, ewsUrl: externalEwsUrl ?? internalEwsUrl, externalEwsUrl, internalEwsUrl, grouping: 'DAG1' },
});

/** One round; the server answers as told by address, or fails. */
function round(told: Readonly<Record<string, UserPlace>> | Error): Promise<PlaceRoundOutcome> {
  return placeRound({
    ...{ database: db.database, provider: PROVIDER, users: [ANNA, BORIS], groupSize: 150 },
    rule: { own: OWN, hosts: [] },
    signal: new AbortController().signal,
    ask: (work) =>
      work({
        userSettings: async (addresses) => {
          if (told instanceof Error) throw told;
          return addresses.map(
            (address) =>
              told[address] ?? { found: false, reason: 'failed', code: 'InvalidUser', errorClass: 'unknown' },
          );
        },
        close: async () => undefined,
      }),
  });
}

async function lose(address: string): Promise<void> {
  await db.database.query(
    "UPDATE calendar.mailbox SET error_code = 'ews-response', error_class = 'moving', lost = true, place_due_at = clock_timestamp() WHERE address = $1",
    [address],
  );
}

async function placeOf(address: string) {
  const { rows } = await db.database.query<Record<string, unknown>>(
    `SELECT grouping, ews_url AS url, round(extract(epoch FROM place_due_at - clock_timestamp()))::int AS "dueIn"
     FROM calendar.mailbox WHERE address = $1`,
    [address],
  );
  return rows[0] as { grouping: string | null; url: string | null; dueIn: number };
}

describe('placeRound', () => {
  it('learns groupings, and leaves an address that works as it is configured', async () => {
    const outcome = await round({ [ANNA]: here(NORTH), [BORIS]: here(OWN) });
    expect(outcome).toMatchObject({ moved: [], regrouped: 2, hasMore: false, failure: null });
    expect(await placeOf(ANNA)).toMatchObject({ grouping: 'DAG1', url: null });
    expect(await round({})).toMatchObject({ regrouped: 0 });
  });

  it('follows a mailbox that was not found where it was read, and follows it back', async () => {
    await lose(ANNA);
    expect(await round({ [ANNA]: here(NORTH), [BORIS]: here(NORTH) })).toMatchObject({
      moved: [{ address: ANNA, ewsUrl: NORTH }],
    });
    await lose(ANNA);
    expect(await round({ [ANNA]: here(OWN) })).toMatchObject({ moved: [{ address: ANNA, ewsUrl: null }] });
  });

  it('of two addresses takes the one where the mailbox was not looked for yet', async () => {
    await lose(ANNA);
    await round({ [ANNA]: here(OWN, NORTH) });
    expect(await placeOf(ANNA)).toMatchObject({ url: NORTH });
  });

  it('asks soon again about a mailbox that is still on its way', async () => {
    await lose(ANNA);
    expect(await round({ [ANNA]: here(OWN) })).toMatchObject({ moved: [] });
    expect((await placeOf(ANNA)).dueIn).toBeLessThanOrEqual(60);
  });

  it.each<[string, UserPlace]>([
    ['an address that passwords must not go to', here(EVIL)],
    ['another organization', { found: false, reason: 'redirectAddress', address: 'anna@new.example' }],
  ])('does not follow to %s, and says so', async (_what, told) => {
    await lose(ANNA);
    expect(await round({ [ANNA]: told })).toMatchObject({ untrusted: [ANNA], moved: [] });
    expect(await placeOf(ANNA)).toMatchObject({ url: null });
  });

  it('puts off what cannot be asked: a server without the service for a day', async () => {
    const place = { host: 'h', mailbox: null, operation: 'GetUserSettings' };
    const missing = new EwsHttpError('404', place, { errorClass: 'config', scope: 'host', httpStatus: 404 });
    expect(await round(missing)).toMatchObject({ failure: missing });
    expect((await placeOf(ANNA)).dueIn).toBeGreaterThan(80_000);
    expect((await placeOf(BORIS)).dueIn).toBeGreaterThan(80_000);
    await lose(BORIS);
    const busy = new EwsHttpError('503', place, { errorClass: 'throttle', scope: 'mailbox', backOffMs: 120_000 });
    await round(busy);
    expect((await placeOf(BORIS)).dueIn).toBe(120);
  });
});
