import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { eventually } from '../testing/eventually.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { getFolder, syncItems } from '../testing/requests.ts';
import { codes, envelope, inner, soap } from '../testing/soap-client.ts';
import { subscribeTo, TestStream } from '../testing/stream-client.ts';
import type { BudgetUsage } from './budgets.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';

let simulator: ExchangeSimulator;

beforeEach(async () => {
  simulator = await startCompany();
});
afterEach(() => simulator.close());

async function throttle(throttling: object): Promise<void> {
  const { status, json } = await control(simulator, 'PATCH', '/settings', { throttling });
  expect(status, JSON.stringify(json)).toBe(200);
}

async function usage(budget: string): Promise<BudgetUsage | undefined> {
  const { json } = await control<BudgetUsage[]>(simulator, 'GET', '/budgets');
  return json.find((candidate) => candidate.budget === budget);
}

/** Values of MessageXml by name. */
function details(text: string): Record<string, string> {
  const entries = inner(text, 'MessageXml').flatMap((xml) => [...xml.matchAll(/Name="(\w+)"[^>]*>([^<]*)/g)]);
  return Object.fromEntries(entries.map(([, name, value]) => [name, value]));
}

test('nothing is limited unless it is asked for, and yet counted', async () => {
  await throttle({ serviceMs: 100 });
  const replies = await Promise.all(Array.from({ length: 40 }, () => soap(simulator, getFolder())));
  expect(new Set(replies.flatMap(codes))).toEqual(new Set(['NoError']));
  expect(await usage(ANNA)).toMatchObject({ requests: 40, running: 0, refused: 0, slowed: 0 });
  expect((await usage(ANNA))!.peakRunning).toBeGreaterThan(1);
});

test('requests at the same time are limited per impersonated mailbox, else per account, and streams do not count', async () => {
  await throttle({ maxConcurrency: 2 });
  const { id } = await subscribeTo(simulator, ANNA);
  const stream = await TestStream.open(simulator, [id], { as: ANNA });
  await control(simulator, 'POST', '/faults', {
    times: null,
    delayMs: 60_000,
    mailbox: ANNA,
    action: { form: 'delay' },
  });
  const hanging = [leaveHanging(getFolder()), leaveHanging(getFolder())];
  await eventually(async () => (await usage(ANNA))?.running).toBe(2);
  const refused = await soap(simulator, getFolder());
  expect([refused.status, ...codes(refused)]).toEqual([500, 'ErrorExceededConnectionCount']);
  expect(details(refused.text)).toEqual({ Policy: 'EWSMaxConcurrency', MaxConcurrencyLimit: '2' });
  expect(codes(await soap(simulator, getFolder(), { as: BORIS }))).toEqual(['NoError']);
  expect(await usage(ANNA)).toMatchObject({ refused: 1, peakRunning: 2 });
  for (const controller of hanging) controller.abort();
  stream.abort();
});

/** A request that nobody waits for, until it is aborted. */
function leaveHanging(body: string): AbortController {
  const controller = new AbortController();
  const headers = { 'content-type': 'text/xml', authorization: `Basic ${btoa('svc:secret')}` };
  fetch(simulator.ewsUrl, { method: 'POST', headers, body: envelope(body), signal: controller.signal }).catch(() => {});
  return controller;
}

test('syncs at the same time have a limit of their own', async () => {
  await throttle({ syncConcurrency: 1 });
  await control(simulator, 'POST', '/faults', { delayMs: 60_000, action: { form: 'delay' } });
  const hanging = leaveHanging(syncItems());
  await eventually(async () => (await usage(ANNA))?.runningSyncs).toBe(1);
  const refused = await soap(simulator, syncItems());
  expect(codes(refused)).toEqual(['ErrorServerBusy']);
  expect(details(refused.text)).toEqual({ Policy: 'ConcurrentSyncCalls', MaxConcurrencyLimit: '1' });
  expect(codes(await soap(simulator, getFolder()))).toEqual(['NoError']);
  hanging.abort();
});

test('a used-up budget first slows down, then refuses until it has filled again, and notes who did not wait', async () => {
  const refill = {
    burstMs: 2000,
    rechargeMsPerHour: 3_600_000,
    cutoffMs: 50_001,
    requestCostMs: 26_000,
    slowDownMs: 5,
  };
  await throttle({ refill });
  const call = () => soap(simulator, getFolder());
  // 2 s, then debts of 24 s and of 50 s: the first two calls of these are only slow.
  for (let round = 0; round < 2; round += 1) expect(codes(await call())).toEqual(['NoError']);
  expect(await usage(ANNA)).toMatchObject({ slowed: 2, refused: 0 });
  expect(codes(await call())).toEqual(['NoError']);
  const refused = await call();
  expect([refused.status, ...codes(refused)]).toEqual([500, 'ErrorServerBusy']);
  const backOff = Number(details(refused.text).BackOffMilliseconds);
  expect(backOff).toBeGreaterThan(60_000);
  expect(backOff).toBeLessThanOrEqual(76_000);
  expect(await usage(ANNA)).toMatchObject({ duringBackOff: 0, refused: 1 });
  expect(codes(await call())).toEqual(['ErrorServerBusy']);
  expect(await usage(ANNA)).toMatchObject({ duringBackOff: 1, refused: 2 });
  expect(codes(await soap(simulator, getFolder(), { as: BORIS }))).toEqual(['NoError']);
  await control(simulator, 'PUT', '/clock', { offsetMs: backOff });
  expect(codes(await call())).toEqual(['NoError']);
  expect((await usage(ANNA))!.duringBackOff).toBe(1);
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.map(({ budget, running, slowedMs }) => [budget, running, slowedMs])).toEqual([
    [ANNA, 1, 5],
    [ANNA, 1, 5],
    [ANNA, 1, 5],
    [ANNA, 0, 0],
    [ANNA, 0, 0],
    [BORIS, 1, 5],
    [ANNA, 1, 5],
  ]);
});

test('an account that impersonates nobody pays itself', async () => {
  await soap(simulator, getFolder(), { as: null, login: 'anna:demo' });
  expect(await usage('anna')).toMatchObject({ requests: 1 });
  await control(simulator, 'DELETE', '/budgets');
  expect(await usage('anna')).toBeUndefined();
});
