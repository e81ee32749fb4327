import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CredentialKey } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { EwsAuthError } from 'ews-client';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SignInPermits } from './sign-in-permits.ts';

const place = { host: 'h', mailbox: 'anna@corp.example', operation: 'GetFolder' };
const refusal = new EwsAuthError('401', place, { errorClass: 'auth', scope: 'account', httpStatus: 401 });

let db: TestDatabase;
const open: SignInPermits[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((permits) => permits.close()));
});
afterAll(() => db.drop());

const account = (): CredentialKey => ({ provider: 'exchange/ews', login: randomUUID(), fingerprint: 'p' });

function worker(key: CredentialKey, { workers = 1, tokens = false, onStopped = (_failures: number) => {} } = {}) {
  const permits = new SignInPermits({ database: db.database, key, freeOnceProven: tokens, onStopped });
  permits.share(workers);
  open.push(permits);
  return permits;
}

/** A server that takes a password until it does not. */
class Server {
  isRight = true;
  refused = 0;
  underWay = 0;
  most = 0;

  /** One request: the password is looked at when it comes, the verdict is there a little later. */
  async request(permits: SignInPermits, signal = new AbortController().signal): Promise<string> {
    const use = await permits.enter(signal).catch(({ code }) => String(code));
    if (typeof use === 'string') return use;
    this.most = Math.max(this.most, ++this.underWay);
    const isRight = this.isRight;
    await pause(Math.random() * 4);
    this.underWay--;
    if (isRight) {
      use.accepted();
      return 'ok';
    }
    this.refused++;
    await use.refused(refusal);
    return 'refused';
  }
}

describe('SignInPermits', () => {
  it('a password that turns wrong under full load of all workers is refused three times and no more', async () => {
    const shape = fc.record({ workers: fc.integer({ min: 1, max: 5 }), calls: fc.integer({ min: 4, max: 20 }) });
    await fc.assert(
      fc.asyncProperty(shape, fc.integer({ min: 0, max: 30 }), async ({ workers, calls }, turnsAfter) => {
        const [key, server] = [account(), new Server()];
        const all = Array.from({ length: workers }, () => worker(key, { workers }));
        let answers = 0;
        const outcomes = await Promise.all(
          all.flatMap((permits) =>
            Array.from({ length: calls }, async () => {
              const outcome = await server.request(permits);
              if (++answers === turnsAfter) server.isRight = false;
              return outcome;
            }),
          ),
        );
        server.isRight = false;
        for (const permits of all) await server.request(permits);
        for (const permits of all) outcomes.push(await server.request(permits));
        expect(server.refused).toBeLessThanOrEqual(3);
        expect(server.most).toBeLessThanOrEqual(3);
        expect(outcomes.every((outcome) => ['ok', 'refused', 'sync-sign-in-stopped'].includes(outcome))).toBe(true);
        await Promise.all(open.splice(0).map((permits) => permits.close()));
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  it('tells once, in the worker that met it, that the password is stopped', async () => {
    const [key, server, stops] = [account(), new Server(), [] as number[]];
    server.isRight = false;
    const all = [1, 2].map(() => worker(key, { workers: 2, onStopped: (failures) => stops.push(failures) }));
    const outcomes = await Promise.all(
      all.flatMap((permits) => Array.from({ length: 5 }, () => server.request(permits))),
    );
    expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(3);
    expect(stops).toEqual([3]);
  });

  it('asks the database nothing for each use while it holds permits', async () => {
    const [permits, server] = [worker(account()), new Server()];
    for (let n = 0; n < 5; n++) await server.request(permits);
    const asked = vi.spyOn(db.database, 'query');
    const uses = 2_000;
    for (let n = 0; n < uses; n++) (await permits.enter(new AbortController().signal)).accepted();
    // Renewals are all that may have come between.
    expect(asked.mock.calls.length).toBeLessThan(uses / 10);
    asked.mockRestore();
  });

  it('lets more workers than there are permits take turns', async () => {
    const [key, server] = [account(), new Server()];
    const all = Array.from({ length: 5 }, () => worker(key, { workers: 5 }));
    const done = all.map(() => 0);
    const aborter = new AbortController();
    // Two calls at a time in each: one waits while the other's permit is given to another worker.
    const callers = all.flatMap((permits, index) => [
      { permits, index },
      { permits, index },
    ]);
    const busy = callers.map(async ({ permits, index }) => {
      while (!aborter.signal.aborted) if ((await server.request(permits, aborter.signal)) === 'ok') done[index]!++;
    });
    await expect.poll(() => done.every((calls) => calls >= 5), { timeout: 20_000 }).toBe(true);
    aborter.abort();
    await Promise.all(busy);
    expect(server.most).toBeLessThanOrEqual(3);
  });

  it('gives a worker that joins its share of the permits that another one holds', async () => {
    const [key, server] = [account(), new Server()];
    const first = worker(key);
    await Promise.all(Array.from({ length: 20 }, () => server.request(first)));
    first.share(2);
    const second = worker(key, { workers: 2 });
    const aborter = new AbortController();
    const busy = Array.from({ length: 6 }, async () => {
      while (!aborter.signal.aborted) await server.request(first, aborter.signal);
    });
    expect(await server.request(second)).toBe('ok');
    aborter.abort();
    await Promise.all(busy);
  });

  it('lets a call go that was given up while it waited', async () => {
    const permits = worker(account());
    const use = await permits.enter(new AbortController().signal);
    const aborter = new AbortController();
    const waiting = permits.enter(aborter.signal);
    aborter.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    use.accepted();
  });

  it('lets whoever waits try when a use of a doubtful password was given up before its verdict', async () => {
    const [permits, server] = [worker(account()), new Server()];
    const use = await permits.enter(new AbortController().signal);
    const waiting = server.request(permits);
    // Long enough for whoever asks the database to have stopped, since there is but one permit.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    await use.unanswered(true);
    expect(await waiting).toBe('ok');
  });

  it('uses an accepted keytab without permits, whatever the account could sign in with besides', async () => {
    const permits = worker(account());
    const signal = new AbortController().signal;
    (await permits.enter(signal, 'ticket')).accepted();
    await expect.poll(() => permits.isProven).toBe(true);
    const uses = await Promise.all(Array.from({ length: 20 }, () => permits.enter(signal, 'ticket')));
    for (const use of uses) use.accepted();
  });

  it('uses an accepted secret without permits where the server gives tokens, and counts one refusal of many calls once', async () => {
    const [permits, server] = [worker(account(), { tokens: true }), new Server()];
    await server.request(permits);
    await expect
      .poll(async () => {
        server.most = 0;
        await Promise.all(Array.from({ length: 20 }, () => server.request(permits)));
        return server.most;
      })
      .toBeGreaterThan(3);
    const uses = await Promise.all(Array.from({ length: 20 }, () => permits.enter(new AbortController().signal)));
    await Promise.all(uses.map((use) => use.refused(refusal)));
    expect(permits.stopped).toBe(false);
    expect(await server.request(permits)).toBe('ok');
  });

  it('stops by itself when refusals cannot be written down', async () => {
    const away = await createTestDatabase();
    const options = { database: away.database, key: account(), freeOnceProven: false, onStopped: () => undefined };
    const permits = new SignInPermits(options);
    const use = await permits.enter(new AbortController().signal);
    await away.drop();
    for (let n = 0; n < 3; n++) await expect(use.refused(refusal)).rejects.toThrow();
    await expect(permits.enter(new AbortController().signal)).rejects.toMatchObject({ code: 'sync-sign-in-stopped' });
  });
});
