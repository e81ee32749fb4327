import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExchangeSimulator, startExchangeSimulator } from './start-exchange-simulator.ts';
import { control } from './testing/fixture.ts';
import { runExchangelib } from './testing/run-exchangelib.ts';

let simulator: ExchangeSimulator;

beforeAll(async () => {
  simulator = await startExchangeSimulator();
  await control(simulator, 'POST', '/seed', {
    mailboxes: [
      { address: 'anna@corp.example', displayName: 'Anna', password: 'demo' },
      { address: 'boris@corp.example', displayName: 'Boris', password: 'demo' },
    ],
    accounts: [
      { login: 'svc', password: 'secret', impersonates: 'all' },
      { login: 'outsider', password: 'secret' },
    ],
  });
});

afterAll(() => simulator.close());

test.each([
  ['exchangelib_story.py', 'reads, creates, updates, deletes, syncs and answers'],
  ['exchangelib_series.py', 'makes series of every pattern, with exceptions and answers'],
  ['exchangelib_notifications.py', 'subscribes, hears of changes, unsubscribes and autodiscovers'],
])('unpatched exchangelib: %s %s', async (story) => {
  await control(simulator, 'PATCH', '/settings', { streaming: { heartbeatMs: 200 } });
  const { code, output } = await runExchangelib(story, simulator.ewsUrl, simulator.controlUrl);
  expect(output).toMatch(/^done$/m);
  expect(code, output).toBe(0);
});
