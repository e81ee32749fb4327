import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEntry } from './journal.ts';
import { ApiClient } from './testing/api-client.ts';

let api: ApiClient;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueconf-simulator-'));
  api = await ApiClient.start({ journalFile: join(folder, 'journal.jsonl') });
  await api.create({ invitations: [{ id: 'boris' }], auto_invite: 1 });
});
afterEach(async () => {
  await api.simulator.close();
  await rm(folder, { recursive: true });
});

const run = (signal?: AbortSignal) => api.call('POST /api/v4/conferences/one/run', undefined, signal);

async function entries(query: string): Promise<JournalEntry[]> {
  return (await api.control(`GET /journal?${query}`)).json.entries as JournalEntry[];
}

async function starts(): Promise<number> {
  const { json } = await api.control('GET /conferences/one');
  return (json.records as { starts: number }[])[0]?.starts ?? 0;
}

describe('journal', () => {
  test('holds every request with arrival, effect and outcome, without secrets', async () => {
    const before = Date.now();
    await run();
    await api.call('GET /api/v4/nothing?access_token=abc');
    const all = await entries('settled=1');
    expect(all.map(({ seq, route, status }) => [seq, route, status])).toEqual([
      [1, 'token', 200],
      [2, 'create', 200],
      [3, 'run', 200],
      [4, 'unknown', 404],
    ]);
    expect(all[2]).toMatchObject({ cid: 'one', outcome: 'answered', transitions: ['started', 'rang'] });
    expect(all[2]?.arrivedAtMs).toBeGreaterThanOrEqual(before);
    expect(all[2]?.arrivedAtMs).toBeLessThanOrEqual(Date.now() + 1);
    expect(JSON.stringify(all)).not.toMatch(/simulator-secret|access_token=abc|"abc"/);
  });

  test('a waiting reader gets the entry that it waits for', async () => {
    const waiting = entries('after=2&route=run&wait=20000');
    await run();
    expect(await waiting).toMatchObject([{ route: 'run', cid: 'one' }]);
    expect(await entries('after=3&wait=1')).toEqual([]);
  });

  test('a request is seen while it is held, and settled afterwards', async () => {
    const fault = await api.control('POST /faults', { route: 'run', kind: 'hold' });
    const held = run();
    expect(await entries('after=2&wait=20000')).toMatchObject([{ outcome: 'pending', fault: fault.json.id }]);
    expect(await entries('after=2&settled=1')).toEqual([]);
    await api.control(`DELETE /faults/${String(fault.json.id)}`);
    expect(await held).toMatchObject({ status: 200 });
    expect(await entries('after=2&settled=1&wait=20000')).toMatchObject([{ outcome: 'answered', status: 200 }]);
  });

  test('is appended to the file', async () => {
    await run();
    await api.simulator.close();
    const lines = (await readFile(join(folder, 'journal.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as JournalEntry).route)).toEqual(['token', 'create', 'run']);
  });
});

describe('faults', () => {
  test('a status instead of the effect, then the effect', async () => {
    await api.control('POST /faults', { route: 'run', kind: 'status', status: 503, times: 2, skip: 0 });
    expect([(await run()).status, (await run()).status, (await run()).status]).toEqual([503, 503, 200]);
  });

  test('an answer lost after the effect', async () => {
    await api.control('POST /faults', { route: 'run', kind: 'cut', when: 'after' });
    await expect(run()).rejects.toThrow();
    expect(await starts()).toBe(1);
    expect(await entries('route=run&settled=1')).toMatchObject([
      { outcome: 'cut', status: null, transitions: ['started', 'rang'] },
    ]);
  });

  test('a connection cut before the effect', async () => {
    await api.control('POST /faults', { route: 'run', kind: 'cut' });
    await expect(run()).rejects.toThrow();
    expect(await starts()).toBe(0);
  });

  test.each([
    ['before', 0],
    ['after', 1],
  ])('a request that hangs %s its effect', async (when, effect) => {
    await api.control('POST /faults', { route: 'run', kind: 'hang', when });
    const abort = new AbortController();
    const hanging = run(abort.signal);
    await entries('after=2&wait=20000');
    abort.abort();
    await expect(hanging).rejects.toThrow();
    expect(await entries('after=2&settled=1&wait=20000')).toMatchObject([{ outcome: 'cut' }]);
    expect(await starts()).toBe(effect);
  });

  test('a held request takes effect although its sender died', async () => {
    const fault = await api.control('POST /faults', { route: 'run', kind: 'hold' });
    const abort = new AbortController();
    const held = run(abort.signal);
    await entries('after=2&wait=20000');
    abort.abort();
    await expect(held).rejects.toThrow();
    await api.control(`DELETE /faults/${String(fault.json.id)}`);
    await expect.poll(starts).toBe(1);
  });

  test('a page of a proxy, a delay, a revoked token, an invalid one', async () => {
    await api.control('POST /faults', { route: 'run', kind: 'html', status: 502 });
    expect((await run()).json.text).toContain('<html>');
    await api.control('POST /faults', { route: 'get', delayMs: 50 });
    const began = performance.now();
    await api.call('GET /api/v4/conferences/one');
    expect(performance.now() - began).toBeGreaterThanOrEqual(49);
    await api.control('POST /faults', { route: 'run', kind: 'accessTokenInvalid' });
    expect(await run()).toMatchObject({ status: 403, json: { error: { errors: [{ reason: 'accessTokenInvalid' }] } } });
    await api.control('POST /faults', { route: 'run', kind: 'revokeToken' });
    expect(await run()).toMatchObject({ status: 401 });
    expect(await run()).toMatchObject({ status: 401 });
    await api.signIn();
    expect(await run()).toMatchObject({ status: 200 });
  });

  test('an id snatched by a stranger', async () => {
    await api.control('POST /faults', { route: 'create', kind: 'uniquenessRace' });
    expect(await api.create({ id: 'two', tags: ['exch'] })).toMatchObject({ status: 400 });
    expect(await api.call('GET /api/v4/conferences/two')).toMatchObject({ json: { conference: { tags: [] } } });
  });

  test('only for one conference', async () => {
    await api.create({ id: 'two' });
    await api.control('POST /faults', { route: 'run', cid: 'two', kind: 'status', status: 500, times: null });
    expect((await run()).status).toBe(200);
    expect((await api.call('POST /api/v4/conferences/two/run')).status).toBe(500);
  });
});

test('a server that is down refuses connections and comes back on the same port with its state', async () => {
  await api.control('POST /offline');
  await expect(run()).rejects.toThrow();
  await api.control('POST /online');
  expect(await run()).toMatchObject({ status: 200 });
});

test('others may run, stop, make and delete conferences', async () => {
  await api.control('POST /conferences/one/run');
  expect(await api.call('GET /api/v4/conferences/one')).toMatchObject({ json: { conference: { state: 'running' } } });
  await api.control('POST /conferences/one/stop');
  await api.control('DELETE /conferences/one');
  expect(await api.call('GET /api/v4/conferences/one')).toMatchObject({ status: 404 });
  expect(await api.control('POST /conferences', { topic: 'Theirs', owner: 'boris' })).toMatchObject({ status: 200 });
});

test('reset forgets everything but the initial users', async () => {
  await api.control('POST /users', { id: 'zed' });
  await api.control('PATCH /settings', { runWhenRunning: 'accept', tokenLifetimeSeconds: 5 });
  await api.control('POST /reset');
  const { json } = await api.control('GET /state');
  expect(json).toMatchObject({
    counts: { users: 2, created: 0, starts: 0 },
    settings: { runWhenRunning: 'refuse', tokenLifetimeSeconds: 3600 },
  });
});

test.each([
  ['POST /faults', { route: 'nonsense' }],
  ['POST /faults', { kind: 'nonsense' }],
  ['POST /users', { id: 'with space' }],
  ['PATCH /settings', { nonsense: 1 }],
  ['GET /journal?after=x', undefined],
  ['GET /nothing', undefined],
  ['POST /conferences/nope/run', undefined],
])('%s %j is refused in words', async (route, body) => {
  const { status, json } = await api.control(route, body);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect((json.error as { message: string }).message).not.toBe('');
});
