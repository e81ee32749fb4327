import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleSyncError } from '../testing/sample-calendar.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import {
  answerMailboxPlaces,
  deferPlaceQuestions,
  type MailboxPlace,
  readMovedMailboxes,
  takePlaceQuestions,
} from './mailbox-places.ts';
import { registerMailboxes } from './mailbox-registration.ts';
import { claimDueMailboxes, type ListedMailbox, type MailboxLease, recordSyncFailure } from './mailboxes.ts';

const PROVIDER = 'exchange/ews';
const NORTH = 'https://north.corp.example/EWS/Exchange.asmx';
const TERMS = { groupSize: 3, goodFor: 3_600 };
const addresses = Array.from({ length: 12 }, (_, n) => `${String(n).padStart(2, '0')}@corp.example`);

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.database.query('DELETE FROM calendar.mailbox');
  await registerMailboxes(db.database, PROVIDER, addresses, { groupSize: 3, move: true });
});

const take = (most = 90) => takePlaceQuestions(db.database, PROVIDER, addresses, { most, seconds: 60 });
const answer = (places: readonly MailboxPlace[]) => answerMailboxPlaces(db.database, PROVIDER, places, TERMS);
const at = (address: string, grouping: string | null, ewsUrl: string | null = null) => ({ address, grouping, ewsUrl });

interface Row extends Record<string, unknown> {
  readonly address: string;
  readonly group: string | null;
  readonly place: string;
  readonly due: boolean;
}

async function rows(): Promise<Row[]> {
  const { rows: found } = await db.database.query<Row>(
    `SELECT address, sync_group AS "group", concat(grouping, ' ', ews_url) AS place, next_sync_at <= clock_timestamp() AS due
     FROM calendar.mailbox ORDER BY address`,
  );
  return found;
}

/** Every mailbox has a group, no group holds two places or too many. */
async function groupsFit(): Promise<void> {
  const found = await rows();
  expect(found.filter(({ group }) => group === null)).toEqual([]);
  for (const [, members] of Map.groupBy(found, ({ group }) => group)) {
    expect(members.length).toBeLessThanOrEqual(3);
    expect(new Set(members.map(({ place }) => place)).size).toBe(1);
  }
}

describe('takePlaceQuestions', () => {
  it('gives each mailbox to one worker, and again when no answer came in time', async () => {
    const taken = (await Promise.all([take(5), take(5), take(5)])).flat().map(({ address }) => address);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.length + (await take()).length).toBe(addresses.length);
    expect(await take()).toEqual([]);
    await deferPlaceQuestions(db.database, PROVIDER, addresses.slice(0, 2), -1);
    expect((await take()).map(({ address }) => address).sort()).toEqual(addresses.slice(0, 2));
  });

  it('tells which mailboxes were not found where they are read', async () => {
    await db.database.query(
      "UPDATE calendar.mailbox SET error_code = 'ews-response', lost = address = $1 WHERE address IN ($1, $2)",
      [addresses[0], addresses[1]],
    );
    await db.database.query('UPDATE calendar.mailbox SET ews_url = $2, error_code = $3 WHERE address = $1', [
      ...[addresses[2], NORTH, 'ews-network'],
    ]);
    const lost = (await take()).filter((question) => question.lost).map(({ address }) => address);
    expect(lost.sort()).toEqual([addresses[0], addresses[2]]);
  });
});

describe('a mailbox that is found nowhere', () => {
  it('is looked for at once at first, and then more and more seldom', async () => {
    const dueIn: number[] = [];
    for (let n = 0; n < 6; n++) {
      const terms = {
        workerId: randomUUID(),
        limit: 1,
        leaseSeconds: 30,
        rescueSeconds: 0,
        aheadSeconds: 0,
        groups: [],
      };
      const reachable = { providers: [PROVIDER], has: ({ address }: ListedMailbox) => address === addresses[0] };
      await db.database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp()');
      const { leases } = await claimDueMailboxes(db.database, { ...terms, reachable });
      const failure = {
        status: 'stale',
        error: sampleSyncError('moving'),
        retrySeconds: 0,
        counts: true,
        lost: true,
      } as const;
      await recordSyncFailure(db.database, leases[0] as MailboxLease, failure);
      const { rows: found } = await db.database.query<{ seconds: number }>(
        'SELECT extract(epoch FROM place_due_at - clock_timestamp())::float8 AS seconds FROM calendar.mailbox WHERE address = $1',
        [addresses[0]],
      );
      dueIn.push(Math.max(0, Math.ceil(found[0]?.seconds ?? 0)));
    }
    expect(dueIn).toEqual([0, 0, 0, 60, 120, 180]);
  });
});

describe('answerMailboxPlaces', () => {
  it('brings mailboxes of one place into groups of their own at once', async () => {
    const places = addresses.map((address, n) => at(address, n % 2 === 0 ? 'DAG1' : 'DAG2'));
    expect(await answer(places)).toEqual({ moved: [], regrouped: 12 });
    await groupsFit();
    expect(new Set((await rows()).map(({ group }) => group)).size).toBe(4);
    expect(await answer(places)).toEqual({ moved: [], regrouped: 0 });
    expect(await take()).toEqual([]);
  });

  it('makes a mailbox due that is read elsewhere now, and tells the other workers where', async () => {
    await db.database.query("UPDATE calendar.mailbox SET next_sync_at = clock_timestamp() + interval '1 hour'");
    const [first, second] = addresses as [string, string];
    const placed = await answer([at(first, 'DAG1', NORTH), at(second, 'DAG1')]);
    expect(placed).toEqual({ moved: [{ address: first, ewsUrl: NORTH }], regrouped: 2 });
    expect((await rows()).filter(({ due }) => due).map(({ address }) => address)).toEqual([first]);
    expect(await readMovedMailboxes(db.database, PROVIDER)).toEqual([{ address: first, ewsUrl: NORTH }]);
    expect(await answer([at(first, 'DAG1')])).toMatchObject({ moved: [{ address: first, ewsUrl: null }] });
    expect(await readMovedMailboxes(db.database, PROVIDER)).toEqual([]);
  });

  it('leaves mailboxes of another provider alone', async () => {
    await answerMailboxPlaces(db.database, 'other', [at(addresses[0] as string, 'DAG9')], TERMS);
    expect((await rows()).every(({ place }) => place === ' ')).toBe(true);
  });

  it('keeps every mailbox in a group of its place, in whatever order places come and mailboxes join', async () => {
    const place = fc.record({ grouping: fc.constantFrom(null, 'DAG1', 'DAG2'), ewsUrl: fc.constantFrom(null, NORTH) });
    const step = fc.array(fc.tuple(fc.integer({ min: 0, max: 11 }), place), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        await db.database.query('DELETE FROM calendar.mailbox');
        for (const [n, told] of steps.entries()) {
          const joined = addresses.slice(0, 3 * (n + 1));
          await registerMailboxes(db.database, PROVIDER, joined, { groupSize: 3, move: true });
          const unique = new Map(told.map(([index, given]) => [index, given]));
          await answer(
            [...unique].map(([index, { grouping, ewsUrl }]) => at(addresses[index] as string, grouping, ewsUrl)),
          );
          await groupsFit();
        }
      }),
      { numRuns: 25 },
    );
  });
});
