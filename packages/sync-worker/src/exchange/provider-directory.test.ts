import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CalendarDatabase } from 'calendar-db/database';
import { type ConnectorConfig, SecretKey } from 'connector-config';
import { type EwsClientOptions, EwsOptionsError } from 'ews-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapturedLog } from 'worker-kit/testing';
import { FakeReader } from '../testing/fake-reader.ts';
import { ProviderDirectory, type ProviderParts } from './provider-directory.ts';

const credentials = [{ login: 'CORP\\svc', password: { reveal: () => 'secret' } }];

let folder: string;
let keytab: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'directory-'));
  keytab = join(folder, 'calendar.keytab');
  writeFileSync(keytab, 'keys');
});
afterAll(() => rmSync(folder, { recursive: true }));

function configOf(provider: Record<string, unknown>): ConnectorConfig {
  const entry = {
    ...{ type: 'ews', protocol: 'https', host: 'mail.corp.example', port: 443, path: '/EWS/Exchange.asmx' },
    ...{ auth: 'auto', credentials, kerberos: { principal: 'svc@CORP.EXAMPLE', keytab } },
    ...{ users: ['anna@corp.example'], tls: { pins: [], minVersion: 'TLSv1.2' }, autodiscover: {} },
    ...{ limits: { connections: 2 }, streaming: { enabled: false } },
  };
  return { calendarProviders: [{ ...entry, ...provider }] } as unknown as ConnectorConfig;
}

function partsOf(log: CapturedLog, missing: string | null, opened: EwsClientOptions[] = []): ProviderParts {
  return {
    database: {} as CalendarDatabase,
    log: log.logger(),
    key: SecretKey.generate(),
    storePrivate: () => true,
    makePeople: (() => ({})) as unknown as ProviderParts['makePeople'],
    makeReader: (options) => {
      opened.push(options);
      if (options.kerberos !== undefined && missing !== null) {
        throw new EwsOptionsError('kerberos', `cannot be used: ${missing}`);
      }
      return new FakeReader();
    },
    missingForKerberos: () => missing,
  };
}

describe('a provider with a keytab', () => {
  it('signs in with it, the password behind it, where nothing is missing', () => {
    const [log, opened]: [CapturedLog, EwsClientOptions[]] = [new CapturedLog(), []];
    const directory = ProviderDirectory.from(configOf({}), partsOf(log, null, opened));
    expect(opened).toEqual([
      expect.objectContaining({ auth: 'auto', login: 'CORP\\svc', kerberos: expect.anything() }),
    ]);
    expect(directory.seats[0]?.accounts.facts().map(({ login }) => login)).toEqual(['svc@CORP.EXAMPLE']);
    expect(log.events()).toEqual([]);
  });

  it('works with passwords where Kerberos is missing, and one line says what is', () => {
    const [log, opened]: [CapturedLog, EwsClientOptions[]] = [new CapturedLog(), []];
    const directory = ProviderDirectory.from(configOf({}), partsOf(log, 'this build has no Kerberos addon', opened));
    expect(opened.map(({ login, kerberos }) => [login, kerberos])).toEqual([['CORP\\svc', undefined]]);
    expect(directory.seats[0]?.accounts.facts().map(({ login }) => login)).toEqual(['CORP\\svc']);
    expect(log.entries).toEqual([
      expect.objectContaining({
        level: 'warn',
        event: 'provider.kerberos-missing',
        message: expect.stringMatching(/^mail\.corp\.example\/ews.*passwords are used.*no Kerberos addon$/),
      }),
    ]);
  });

  it.each([
    ['auth is kerberos', { auth: 'kerberos' }],
    ['there is no password', { credentials: [] }],
  ])('is a mistake of the config where Kerberos is missing and %s', (_why, provider) => {
    const parts = partsOf(new CapturedLog(), 'this build has no Kerberos addon');
    expect(() => ProviderDirectory.from(configOf(provider), parts)).toThrow(
      expect.objectContaining({ code: 'ews-bad-options', message: expect.stringMatching(/no Kerberos addon/) }),
    );
  });

  it('is opened again after a reload when the keytab is another one, and only then', () => {
    const parts = partsOf(new CapturedLog(), null);
    const before = ProviderDirectory.from(configOf({}), parts);
    const same = ProviderDirectory.from(configOf({}), parts, before);
    expect(same.seats[0]?.provider).toBe(before.seats[0]?.provider);
    writeFileSync(keytab, 'other keys');
    const after = ProviderDirectory.from(configOf({}), parts, before);
    expect(after.seats[0]?.provider).not.toBe(before.seats[0]?.provider);
  });
});
