import { EwsNetworkError, EwsTimeoutError } from 'ews-client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ServerCondition } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import { ewsError } from '../testing/sample-ews-items.ts';
import { exchangeCondition } from './exchange-condition.ts';
import { ServerHeldError } from './server-held-error.ts';

const place = (mailbox: string) => ({ host: 'exchange.example', mailbox, operation: 'FindItem' });
const cut = new EwsNetworkError('cut', place('a'), { errorClass: 'transient', scope: 'host' });

let log: CapturedLog;
let server: ServerCondition;
const { signal } = new AbortController();
const held = (heldMs: number) => new ServerHeldError('exchange', 'a', heldMs);
beforeEach(() => {
  log = new CapturedLog();
  server = exchangeCondition('exchange', log.logger());
});

const fail = (error: Error) =>
  server.guard({ signal, held }, () => Promise.reject(error)).catch((thrown: unknown) => thrown);
const succeed = () => server.guard({ signal, held }, () => Promise.resolve('ok'));

describe('the condition of an Exchange server', () => {
  it('takes a broken socket or two for nothing, three in a row for a server that is down, and says it once', async () => {
    await fail(cut);
    await fail(cut);
    await succeed();
    await fail(cut);
    await fail(cut);
    expect(server.down).toBeNull();
    await Promise.all([fail(cut), fail(cut), fail(cut)]);
    expect(server.down).toContain('cut');
    expect(await fail(cut)).toMatchObject({ code: 'sync-server-held' });
    expect(log.events()).toEqual(['provider.down']);
    expect(log.entries[0]?.level).toBe('warn');
  });

  it('waits as long as the longest of the answers asks that come together', async () => {
    const asks = new EwsNetworkError('busy', place('a'), { errorClass: 'throttle', scope: 'host', backOffMs: 60_000 });
    await Promise.all([fail(cut), fail(cut), fail(cut), fail(asks)]);
    expect(server.heldMs).toBeGreaterThan(55_000);
  });

  it('lets one call find out when the pause is over, and everybody else wait for what it finds', async () => {
    for (let n = 0; n < 3; n++) await fail(cut);
    await expect.poll(() => server.heldMs, { timeout: 5_000 }).toBe(0);
    let asked = 0;
    let answer: (value: string) => void = () => undefined;
    const call = () =>
      server.guard({ signal, held }, () => {
        asked++;
        return asked === 1 ? new Promise<string>((resolve) => (answer = resolve)) : Promise.resolve('ok');
      });
    const calls = [call(), call(), call()];
    await Promise.resolve();
    expect(asked).toBe(1);
    answer('ok');
    expect(await Promise.all(calls)).toEqual(['ok', 'ok', 'ok']);
    expect(log.events()).toEqual(['provider.down', 'provider.back']);
  });

  it('no longer blames a mailbox for a call without an answer once the server is known to be down', async () => {
    const silent = (mailbox: string) =>
      fail(new EwsTimeoutError('nothing', place(mailbox), { errorClass: 'transient', scope: 'mailbox' }));
    expect(await silent('a')).toMatchObject({ code: 'ews-timeout' });
    expect(await silent('b')).toMatchObject({ code: 'ews-timeout' });
    expect(await silent('c')).toMatchObject({ code: 'sync-server-held' });
    expect(log.events()).toEqual(['provider.down']);
  });

  it('holds those who waited too when the server is still down, for longer than before', async () => {
    for (let n = 0; n < 3; n++) await fail(cut);
    const first = server.heldMs;
    await expect.poll(() => server.heldMs, { timeout: 5_000 }).toBe(0);
    const [probe, waiter] = await Promise.all([fail(cut), fail(cut)]);
    expect(probe).toBe(cut);
    expect(waiter).toMatchObject({ code: 'sync-server-held' });
    expect(server.heldMs).toBeGreaterThan(first);
  });

  it('knows a server by what it says of a mailbox, and several mailboxes’ silence as the server’s', async () => {
    const silent = (mailbox: string) =>
      fail(new EwsTimeoutError('x', place(mailbox), { errorClass: 'transient', scope: 'mailbox' }));
    for (let n = 0; n < 9; n++) await silent('a');
    await silent('b');
    await fail(ewsError('ErrorAccessDenied', 'mailbox'));
    await silent('c');
    expect(server.down).toBeNull();
    await silent('a');
    await silent('b');
    expect(server.down).not.toBeNull();
  });

  it('calls for a person when the trouble does not pass by itself', async () => {
    const wrong = ewsError('ErrorInvalidServerVersion', 'config', { scope: 'host' });
    await fail(wrong);
    expect(server.down).toBeNull();
    await fail(wrong);
    expect(server.heldMs).toBeGreaterThan(50_000);
    expect(log.entries.map(({ level }) => level)).toEqual(['error']);
  });

  it('takes the late answer to a call from before the trouble for no news', async () => {
    let answer = () => {};
    const late = server.guard({ signal, held }, () => new Promise<void>((resolve) => (answer = resolve)));
    for (let n = 0; n < 3; n++) await fail(cut);
    answer();
    await late;
    expect(server.down).not.toBeNull();
    await expect.poll(() => server.heldMs, { timeout: 5_000 }).toBe(0);
    await succeed();
    expect(server.down).toBeNull();
    expect(log.entries.map(({ event }) => event)).toEqual(['provider.down', 'provider.back']);
  });

  it('says nothing of calls that we cut ourselves', async () => {
    server.close();
    for (let n = 0; n < 5; n++) await fail(cut);
    expect(server.down).toBeNull();
    expect(log.entries).toEqual([]);
  });
});
