import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalEntry } from './journal.ts';
import { type ExchangeSimulator, startExchangeSimulator } from './start-exchange-simulator.ts';
import { control } from './testing/fixture.ts';
import { runExchangelib } from './testing/run-exchangelib.ts';
import { testCertificate, testCertificateKey } from './testing/test-certificate.ts';

let simulator: ExchangeSimulator;

beforeAll(async () => {
  simulator = await startExchangeSimulator();
  await control(simulator, 'POST', '/seed', {
    mailboxes: [
      { address: 'anna@corp.example', displayName: 'Anna', password: 'demo', aliases: ['a.adams@corp.example'] },
      { address: 'boris@corp.example', displayName: 'Boris', password: 'demo' },
      { address: 'blue@corp.example', displayName: 'Blue room', room: true },
    ],
    lists: [
      { address: 'team@corp.example', members: ['boris@corp.example', 'all@corp.example', 'eva@partner.example'] },
      { address: 'all@corp.example', members: ['team@corp.example'] },
      { address: 'rooms@corp.example', members: ['blue@corp.example'], roomList: true },
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
  ['exchangelib_sites.py', 'follows a mailbox to another site'],
])('unpatched exchangelib: %s %s', async (story) => {
  await control(simulator, 'PATCH', '/settings', { streaming: { heartbeatMs: 200 } });
  const { code, output } = await runExchangelib(story, simulator.ewsUrl, simulator.controlUrl);
  expect(output).toMatch(/^done$/m);
  expect(code, output).toBe(0);
});

test('unpatched exchangelib logs in with NTLM, bound to its TLS connection, and with a bearer token', async () => {
  const secure = await startExchangeSimulator({ tls: { key: testCertificateKey, cert: testCertificate } });
  const folder = mkdtempSync(join(tmpdir(), 'exchangelib-'));
  try {
    await control(secure, 'POST', '/seed', {
      mailboxes: [{ address: 'anna@corp.example', displayName: 'Anna', password: 'demo' }],
      accounts: [{ login: 'svc', password: 'secret', impersonates: 'all' }],
    });
    const certificate = join(folder, 'certificate.pem');
    writeFileSync(certificate, testCertificate);
    const args = [secure.ewsUrl, secure.tokenUrl, secure.controlUrl, certificate];
    const { code, output } = await runExchangelib('exchangelib_logins.py', ...args);
    expect(output).toMatch(/^done$/m);
    expect(code, output).toBe(0);
    const { json: entries } = await control<JournalEntry[]>(secure, 'GET', '/journal');
    const logins = entries.filter(({ authForm }) => authForm === 'ntlm').map(({ login }) => login);
    expect(new Set(logins)).toEqual(new Set(['challenged', 'accepted', 'kept', 'refused']));
    // One token for EWS and one for Autodiscover, which is a client of its own to exchangelib.
    expect(entries.filter(({ operation, login }) => operation === 'OAuthToken' && login === 'accepted')).toHaveLength(
      2,
    );
    const discovered = entries.filter(({ operation, status }) => operation === 'GetUserSettings' && status === 200);
    expect(discovered.map(({ authForm, login }) => `${authForm} ${login}`)).toEqual([
      ...['ntlm accepted', 'ntlm kept', 'ntlm accepted', 'ntlm kept'],
      ...['bearer accepted', 'bearer accepted'],
    ]);
  } finally {
    await secure.close();
    rmSync(folder, { recursive: true });
  }
});
