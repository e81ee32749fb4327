import { answerDirectory, askDirectory, canonicalAddresses } from 'calendar-db/directory';
import { registerMailboxes } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ServerHeldError } from '../accounts/server-held-error.ts';
import type { EwsAccounts } from '../exchange/ews-provider.ts';
import { FakeReader } from '../testing/fake-reader.ts';
import { ewsAddress, ewsError } from '../testing/sample-ews-items.ts';
import { directoryRound } from './directory-round.ts';

const PROVIDER = 'exchange.example';
const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';

let db: TestDatabase;
let reader: FakeReader;
let accounts: EwsAccounts;
let asked: string[];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.clear();
  reader = new FakeReader();
  asked = [];
  accounts = {
    call: (mailbox, _signal, work) => {
      asked.push(mailbox);
      return work(reader);
    },
    close: async () => undefined,
  };
  await registerMailboxes(db.database, PROVIDER, [ANNA, BORIS], { groupSize: 150, move: true });
  await db.database.query("UPDATE calendar.mailbox SET status = 'ok'");
});

const round = (signal = new AbortController().signal) =>
  directoryRound({
    ...{ database: db.database, provider: PROVIDER, accounts, users: [ANNA, BORIS], mostMembers: 1000, signal },
  });

async function putOff(address: string): Promise<number> {
  const { rows } = await db.database.query<{ seconds: number }>(
    `SELECT extract(epoch FROM asked_until - clock_timestamp())::double precision AS seconds
     FROM calendar.directory_entry WHERE address = $1`,
    [address],
  );
  return rows[0]?.seconds ?? 0;
}

describe('a round of questions', () => {
  it('writes what it learns, aliases that were told besides too', async () => {
    await askDirectory(db.database, PROVIDER, [BORIS]);
    const addresses = ['SMTP:boris@corp.example', 'smtp:b@corp.example'];
    reader.names.set(`smtp:${BORIS}`, [{ ...ewsAddress(BORIS), addresses }]);
    expect(await round()).toMatchObject({ taken: 1, hasMore: false, failure: null });
    expect((await canonicalAddresses(db.database, ['b@corp.example'])).get('b@corp.example')).toBe(BORIS);
    expect(await round()).toMatchObject({ taken: 0 });
  });

  it('is asked once by workers who ask together', async () => {
    const addresses = Array.from({ length: 30 }, (_, n) => `p${n}@corp.example`);
    await askDirectory(db.database, PROVIDER, addresses);
    await Promise.all([round(), round(), round()]);
    // One ResolveNames and, since nobody is found, one ExpandDL for each.
    expect(asked).toHaveLength(60);
  });

  it('asks in the name of another mailbox when one is denied', async () => {
    await askDirectory(db.database, PROVIDER, ['x@corp.example']);
    let denied: string | undefined;
    reader.before = (mailbox) => {
      denied ??= mailbox;
      if (mailbox === denied) throw ewsError('ErrorImpersonateUserDenied', 'mailbox');
    };
    const { answers, failure } = await round();
    expect(failure).toBeNull();
    expect(answers).toHaveLength(1);
    expect(new Set(asked)).toEqual(new Set([ANNA, BORIS]));
  });

  it('keeps what it learned before a failure, and puts off the rest as long as the server asks', async () => {
    await askDirectory(db.database, PROVIDER, ['a@corp.example', 'b@corp.example']);
    reader.before = () => {
      if (reader.calls > 2) throw ewsError('ErrorServerBusy', 'throttle', { backOffMs: 90_000 });
    };
    const { answers, failure } = await round();
    expect(answers).toHaveLength(1);
    expect(failure).toMatchObject({ responseCode: 'ErrorServerBusy' });
    const { rows } = await db.database.query<{ address: string }>(
      'SELECT address FROM calendar.directory_entry WHERE checked_at IS NULL',
    );
    expect(rows).toHaveLength(1);
    expect(await putOff(rows[0]?.address ?? '')).toBeGreaterThan(80);
  });

  it('puts questions off while no mailbox works or the server is left alone, and hands them back when it is to stop', async () => {
    await askDirectory(db.database, PROVIDER, ['a@corp.example']);
    await db.database.query("UPDATE calendar.mailbox SET status = 'new'");
    await round();
    expect(asked).toEqual([]);
    expect(await putOff('a@corp.example')).toBeGreaterThan(1);
    await db.database.query(
      "UPDATE calendar.mailbox SET status = 'ok'; UPDATE calendar.directory_entry SET asked_until = NULL",
    );
    accounts.call = async (mailbox) => Promise.reject(new ServerHeldError('it', mailbox, 500_000));
    await round();
    expect(await putOff('a@corp.example')).toBeGreaterThan(400);
    await db.database.query('UPDATE calendar.directory_entry SET asked_until = NULL');
    const stop = AbortSignal.abort();
    accounts.call = async () => Promise.reject(stop.reason);
    expect((await round(stop)).failure).toBeNull();
    expect(await putOff('a@corp.example')).toBeLessThanOrEqual(0);
  });

  it('asks nothing about whom nothing names any more', async () => {
    const gone = 'gone@corp.example';
    await askDirectory(db.database, PROVIDER, [gone]);
    await answerDirectory(db.database, PROVIDER, {
      answers: [{ address: gone, kind: 'person', person: 'else@corp.example', members: [] }],
      ...{ questions: [], mostMembers: 1 },
    });
    await db.database.query("UPDATE calendar.directory_entry SET checked_at = checked_at - interval '1 year'");
    await round();
    expect(asked).toEqual([]);
    expect((await canonicalAddresses(db.database, [gone])).get(gone)).toBe(gone);
  });
});
