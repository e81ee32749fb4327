import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { EwsAuthError, EwsNetworkError, EwsResponseError, type SignInGate } from 'ews-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CapturedLog } from 'worker-kit/testing';
import { FakeReader } from '../testing/fake-reader.ts';
import { ewsError } from '../testing/sample-ews-items.ts';
import { AccountPool } from './account-pool.ts';
import type { Account } from './account-seat.ts';
import { HostBudget } from './host-budget.ts';
import { NoAccountLeftError } from './no-account-left-error.ts';

const signal = new AbortController().signal;
const BUDGET = { connections: 8, requestsPerSecond: 1_000, streams: 5 };

let db: TestDatabase;
let log: CapturedLog;
let provider: string;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(() => {
  log = new CapturedLog();
  provider = randomUUID();
});

interface TestAccount extends Account {
  readonly reader: FakeReader;
}

function account(login: string, fingerprint = 'password'): TestAccount {
  const reader = new FakeReader();
  const placeReader = () => {
    throw new Error('nobody asks for places');
  };
  const open = (gate: SignInGate) => ({ reader: () => Object.assign(reader, { gate }), placeReader });
  return { key: { provider, login, fingerprint }, reader, open };
}

function refusing(given: TestAccount): TestAccount {
  given.reader.before = (mailbox) => {
    const place = { host: 'h', mailbox, operation: 'GetFolder' };
    throw new EwsAuthError('401', place, { errorClass: 'auth', scope: 'account', httpStatus: 401 });
  };
  return given;
}

function pool(accounts: readonly Account[], workers = 1, growAfterMs = 0): AccountPool {
  const made = new AccountPool(provider, accounts, { database: db.database, log: log.logger(), growAfterMs });
  made.share(BUDGET, { workers, rank: 0, groups: ['exchange/1', 'exchange/2'] });
  return made;
}

const call = (from: AccountPool, mailbox = 'anna@corp.example') =>
  from.call(mailbox, signal, (reader) => reader.getCalendarFolder(mailbox, signal));
const outcome = (from: AccountPool, mailbox?: string) =>
  call(from, mailbox).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

describe('AccountPool', () => {
  it('may be used from its beginning', () => {
    expect(pool([account('svc')]).isUsable).toBe(true);
  });

  it('leaves mailboxes of a site alone that is away, and goes on with the provider’s others', async () => {
    const north = 'https://north.corp.example/EWS/Exchange.asmx';
    const urlOf = (mailbox: string) => (mailbox === 'far@corp.example' ? north : null);
    const given = account('svc');
    const used = new AccountPool(provider, [given], { database: db.database, log: log.logger(), urlOf });
    used.share(BUDGET, { workers: 1, rank: 0, groups: [] });
    given.reader.before = (mailbox) => {
      if (!mailbox.startsWith('far')) return;
      const place = { host: 'north.corp.example', mailbox, operation: 'GetFolder' };
      throw new EwsNetworkError('no connection', place, { errorClass: 'transient', scope: 'host' });
    };
    for (let n = 0; n < 4; n++) await outcome(used, 'far@corp.example');
    expect(await outcome(used, 'far@corp.example')).toBe('sync-server-held');
    expect(await outcome(used, 'near@corp.example')).toBe('ok');
    expect([used.isUsable, used.trouble]).toEqual([true, null]);
    expect(log.entries.filter(({ event }) => event === 'provider.down')).toMatchObject([
      { message: expect.stringContaining('north.corp.example cannot be used') },
    ]);
  });

  it('sends a wrong password three times and no more, however many calls and workers want to', async () => {
    const [here, there] = [refusing(account('svc')), refusing(account('svc'))];
    const first = pool([here]);
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => outcome(first, `${n}@corp.example`)));
    expect(here.reader.calls).toBe(3);
    expect(outcomes.filter((code) => code === 'ews-auth-refused')).toHaveLength(3);
    expect(outcomes.filter((code) => code === 'sync-no-account-left')).toHaveLength(17);
    expect(log.events()).toEqual(['credential.stopped']);
    // Another worker, or this one after a restart.
    expect(await outcome(pool([there]))).toBe('sync-no-account-left');
    expect(there.reader.calls).toBe(0);
    expect(first.isUsable).toBe(false);
  });

  it('makes three attempts in all and never two at once, however many workers start together', async () => {
    let [now, most] = [0, 0];
    const workers = Array.from({ length: 4 }, () => {
      const given = refusing(account('svc'));
      const refuse = given.reader.before;
      given.reader.before = async (mailbox, operation) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 30));
        now--;
        await refuse(mailbox, operation);
      };
      return { reader: given.reader, pool: pool([given], 4) };
    });
    const mailboxes = Array.from({ length: 10 }, (_, n) => `${n}@corp.example`);
    await Promise.all(workers.flatMap((worker) => mailboxes.map((mailbox) => outcome(worker.pool, mailbox))));
    expect(workers.reduce((sum, { reader }) => sum + reader.calls, 0)).toBe(3);
    expect(most).toBe(1);
  });

  it('lets every worker in, one after the other, when the password is right', async () => {
    const workers = Array.from({ length: 4 }, () => pool([account('svc')], 4));
    const mailboxes = Array.from({ length: 10 }, (_, n) => `${n}@corp.example`);
    const outcomes = await Promise.all(
      workers.flatMap((worker) => mailboxes.map((mailbox) => outcome(worker, mailbox))),
    );
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
  });

  it('counts an attempt that was given up before its answer, and none that met no server', async () => {
    const given = account('svc');
    const used = pool([given]);
    given.reader.before = () => {
      const place = { host: 'h', mailbox: 'anna@corp.example', operation: 'GetFolder' };
      throw new EwsNetworkError('no connection', place, { errorClass: 'transient', scope: 'mailbox' });
    };
    for (let n = 0; n < 5; n++) expect(await outcome(used)).toBe('ews-network');
    for (let n = 0; n < 3; n++) {
      const aborter = new AbortController();
      given.reader.before = () => {
        aborter.abort(new Error('given up'));
        throw aborter.signal.reason;
      };
      const work = (reader: FakeReader) => reader.getCalendarFolder('anna@corp.example');
      const call = used.call('anna@corp.example', aborter.signal, (reader) => work(reader as FakeReader));
      await expect(call).rejects.toThrow('given up');
    }
    expect(await outcome(used)).toBe('sync-server-held');
    expect(given.reader.calls).toBe(8);
    expect(log.events()).toEqual(['account.held']);
    expect(used.isUsable).toBe(false);
  });

  it('goes on with the provider’s other account', async () => {
    const [wrong, right] = [refusing(account('wrong')), account('right')];
    const both = pool([wrong, right]);
    const mailboxes = Array.from({ length: 30 }, (_, n) => `${n}@corp.example`);
    await Promise.all(mailboxes.map((mailbox) => outcome(both, mailbox)));
    expect(await Promise.all(mailboxes.map((mailbox) => outcome(both, mailbox)))).toEqual(mailboxes.map(() => 'ok'));
    expect(wrong.reader.calls).toBe(3);
    expect(both.isUsable).toBe(true);
  });

  it('tries a new password, and forgets the refusals once it was accepted', async () => {
    const old = pool([refusing(account('svc', 'old'))]);
    for (let n = 0; n < 4; n++) await outcome(old);
    const renewed = account('svc', 'new');
    const next = pool([renewed]);
    await next.refresh();
    expect(await outcome(next)).toBe('ok');
    expect(await outcome(pool([account('svc', 'new')]))).toBe('ok');
  });

  it('stops by itself where two workers with different wrong passwords keep each other’s count low', async () => {
    const [one, other] = [refusing(account('svc', 'one')), refusing(account('svc', 'other'))];
    const pools = [pool([one]), pool([other])];
    for (let n = 0; n < 6; n++) for (const each of pools) await outcome(each);
    expect([one.reader.calls, other.reader.calls]).toEqual([3, 3]);
  });

  it('is used again when its count was cleared', async () => {
    const given = refusing(account('svc'));
    const used = pool([given]);
    for (let n = 0; n < 3; n++) await outcome(used);
    await db.database.query('DELETE FROM calendar.credential WHERE provider = $1', [provider]);
    given.reader.before = () => undefined;
    await used.refresh();
    expect(await outcome(used)).toBe('ok');
  });

  it('leaves an account alone that is to slow down, and says so once', async () => {
    const given = account('svc');
    const used = pool([given]);
    await call(used);
    given.reader.before = () => {
      throw ewsError('ErrorExceededConnectionCount', 'throttle', { scope: 'account', backOffMs: 60_000 });
    };
    const codes = await Promise.all(Array.from({ length: 10 }, () => outcome(used)));
    expect(new Set(codes)).toEqual(new Set(['ews-response', 'sync-server-held']));
    const { calls } = given.reader;
    expect(await outcome(used)).toBe('sync-server-held');
    expect(given.reader.calls).toBe(calls);
    expect(log.events()).toEqual(['account.held']);
    expect(used.isUsable).toBe(false);
  });

  it('divides connections among the workers: fewer at once, more only after a while', async () => {
    const given = account('svc');
    const used = pool([given], 1, 60_000);
    await call(used);
    // As over connections that stay signed in.
    given.reader.gate = undefined;
    let [now, most] = [0, 0];
    const mostAtOnce = async () => {
      [now, most] = [0, 0];
      given.reader.before = async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        now--;
      };
      await Promise.all(Array.from({ length: 24 }, () => call(used)));
      return most;
    };
    expect(await mostAtOnce()).toBe(8);
    used.share(BUDGET, { workers: 4, rank: 0, groups: [] });
    expect(await mostAtOnce()).toBe(2);
    used.share(BUDGET, { workers: 1, rank: 0, groups: [] });
    expect(await mostAtOnce()).toBe(2);
  });

  it('lets a call go that was given up while it waited', async () => {
    const given = account('svc');
    const used = pool([given]);
    used.share({ connections: 1, requestsPerSecond: 0.01, streams: 0 }, { workers: 1, rank: 0, groups: [] });
    await call(used);
    const aborter = new AbortController();
    const waiting = used.call('anna@corp.example', aborter.signal, () => Promise.resolve('made'));
    aborter.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow();
    expect(given.reader.calls).toBe(1);
  });

  it('lets a call go that was given up while another one finds out whether the server is back', async () => {
    const given = account('svc');
    const used = pool([given]);
    given.reader.before = (mailbox) => {
      const place = { host: 'h', mailbox, operation: 'GetFolder' };
      throw new EwsNetworkError('no connection', place, { errorClass: 'transient', scope: 'host' });
    };
    for (let n = 0; n < 3; n++) await outcome(used);
    await expect.poll(() => used.isUsable, { timeout: 5_000 }).toBe(true);
    const { promise: silence, resolve: endSilence } = Promise.withResolvers<void>();
    given.reader.before = () => silence;
    const probe = call(used);
    const aborter = new AbortController();
    const waiting = used.call('boris@corp.example', aborter.signal, () => Promise.resolve('made'));
    aborter.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    expect(log.events()).toEqual(['provider.down']);
    endSilence();
    await probe;
  });

  it('asks nothing more about a mailbox that its server wants left alone, and goes on with the others', async () => {
    const given = account('svc');
    given.reader.before = (mailbox) => {
      if (mailbox === 'busy@corp.example')
        throw ewsError('ErrorServerBusy', 'throttle', { mailbox, backOffMs: 60_000 });
    };
    const accounts = pool([given]);
    expect(await outcome(accounts, 'busy@corp.example')).toBe('ews-response');
    expect(await outcome(accounts, 'busy@corp.example')).toBe('sync-server-held');
    expect(await outcome(accounts, 'calm@corp.example')).toBe('ok');
    expect(given.reader.calls).toBe(2);
  });

  it('shares one host’s budget between the accounts of all providers on it', async () => {
    const host = new HostBudget();
    host.share(2, 1);
    let [underWay, most] = [0, 0];
    const ends: (() => void)[] = [];
    const pools = ['a', 'b', 'c'].map((login) => {
      const given = account(login);
      given.reader.before = async () => {
        most = Math.max(most, ++underWay);
        await new Promise<void>((resolve) => ends.push(resolve));
        underWay--;
      };
      const made = new AccountPool(provider, [given], {
        database: db.database,
        log: log.logger(),
        host,
        growAfterMs: 0,
      });
      made.share(BUDGET, { workers: 1, rank: 0, groups: [] });
      return made;
    });
    const calls = pools.map((one) => outcome(one));
    await expect.poll(() => underWay).toBe(2);
    for (let n = 0; n < 3; n++) {
      await expect.poll(() => ends.length).toBeGreaterThan(0);
      ends.shift()?.();
    }
    expect(await Promise.all(calls)).toEqual(['ok', 'ok', 'ok']);
    expect(most).toBe(2);
  });

  describe('lends streams', () => {
    it('of all its accounts in turn', () => {
      const used = pool([account('one'), account('two')]);
      const logins = ['exchange/1', 'exchange/2'].map((group) => used.lendForStream(group)?.login);
      expect(logins.sort()).toEqual(['one', 'two']);
    });

    it('of no account that was stopped', async () => {
      const used = pool([refusing(account('svc'))]);
      const lent = used.lendForStream('exchange/1');
      for (let attempt = 0; attempt < 3; attempt++) await outcome(used);
      expect(lent?.isLent).toBe(false);
      expect(() => used.lendForStream('exchange/2')).toThrow(NoAccountLeftError);
    });

    it('whose refusal for their number does not hold up calls', async () => {
      const used = pool([account('svc')]);
      const place = { host: 'h', mailbox: 'anna@corp.example', operation: 'GetStreamingEvents' };
      const details = {
        errorClass: 'throttle',
        scope: 'account',
        responseCode: 'ErrorExceededConnectionCount',
      } as const;
      const opening = used.lendForStream('exchange/1')?.call('anna@corp.example', signal, () => {
        throw new EwsResponseError('too many', place, details);
      });
      await expect(opening).rejects.toThrow('too many');
      expect(await outcome(used)).toBe('ok');
    });
  });
});
