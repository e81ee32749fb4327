import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { encryptPassword, SecretKey } from 'secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigFileError } from './config-errors.ts';
import { loadConfig, parseConfig } from './load-config.ts';
import { SAMPLE_CONFIG } from './render-docs.ts';
import { refusal } from './testing/refusal.ts';
import { editedConfig, provider, VENDOR_SAMPLE } from './testing/sample-configs.ts';

describe('a config of the vendor', () => {
  it('loads unchanged, comment and all, and gains every default', () => {
    const { config } = parseConfig(VENDOR_SAMPLE, 'config.json');
    expect(config.dbConnectionConfig).toEqual({
      host: 'localhost',
      port: 5441,
      user: 'bridge',
      password: null,
      database: 'calendar',
    });
    expect(config.cache).toEqual({ autoSync: false, backward: 2, forward: 3 });
    expect(config.calendarProviders[0]).toMatchObject({
      host: 'mail.example.com',
      type: 'ews',
      users: ['user1@example.com', 'user2@example.com'],
    });
    expect(config.gateway.limits.requestsPerSecond).toBe(10);
    expect(config.conferences.match).toBe('meetings');
  });

  it('is told that its passwords were made by another program and that its server has no entry', () => {
    const { warnings } = parseConfig(VENDOR_SAMPLE, 'config.json');
    expect(warnings.map(({ code, path }) => [code, path])).toEqual([
      ['server-not-configured', 'productWhitelist.tcs[0]'],
      ['foreign-password', 'calendarProviders[0].credentials[0].password'],
    ]);
  });

  it('may leave out everything but its providers', () => {
    const { config } = parseConfig(JSON.stringify({ calendarProviders: [provider()] }), 'config.json');
    expect(config.wsPort).toBe(4315);
    expect(config.launchConference).toBe(true);
  });

  it('may have been saved by an editor of Windows', () => {
    const text = `\uFEFF${VENDOR_SAMPLE.replaceAll('\n', '\r\n')}`;
    expect(parseConfig(text, 'config.json').config.wsPort).toBe(4315);
  });
});

it('accepts the sample of the documentation', () => {
  expect(parseConfig(SAMPLE_CONFIG, 'config.json').config.trueconfServers[0]?.serverId).toBe('server.trueconf.name');
});

describe('secrets in a config', () => {
  const marker = 'S3cret-that-must-not-show';

  it.each([
    'calendarProviders.0.credentials.0.password',
    'calendarProviders.0.credentials.0',
    'calendarProviders.0.credentials',
    'calendarProviders.0',
    'dbConnectionConfig.password',
    'dbConnectionConfig',
    'trueconfServers.0.clientSecret',
    'trueconfServers.0.productSecret',
    'trueconfServers.0.users',
  ])('never show in a message when one stands in plain text at %s', (path) => {
    expect(refusal(editedConfig({ [path]: marker })).join('\n')).not.toContain(marker);
  });

  it('never show when the text around one is no JSON', () => {
    expect(refusal(`{ "password": "${marker} }`).join()).not.toContain(marker);
    expect(refusal(`{ "password": ${marker} }`).join()).not.toContain(marker);
  });

  it('do not show in the loaded config either', () => {
    const value = encryptPassword(marker, SecretKey.generate());
    const loaded = parseConfig(editedConfig({ 'dbConnectionConfig.password': value }), 'config.json');
    const shown = `${inspect(loaded, { depth: 20, showHidden: true })} ${JSON.stringify(loaded)}`;
    expect(shown).toContain('[encrypted]');
    expect(shown).not.toContain(value.slice(8));
  });
});

describe('warnings', () => {
  const warnings = (edits: Record<string, unknown>) => parseConfig(editedConfig(edits), 'config.json').warnings;

  it.each([
    [
      'an unknown key with the nearest known one',
      { lunchConference: true },
      'unknown-key',
      /lunchConference: .*did you mean "launchConference"\?$/,
    ],
    [
      'an unknown key that resembles none',
      { somethingElse: true },
      'unknown-key',
      /somethingElse: this key is not known and has no effect$/,
    ],
    [
      'an unknown key deep inside',
      { 'calendarProviders.0.limits': { conections: 3 } },
      'unknown-key',
      /calendarProviders\[0\]\.limits\.conections: .*"connections"/,
    ],
    [
      'a mailbox listed twice',
      { 'calendarProviders.0.users': ['a@b.c', 'A@b.c'] },
      'repeated-user',
      /users\[1\]: "a@b\.c" is listed twice/,
    ],
    ['nobody whitelisted', { 'productWhitelist.tcs': [] }, 'whitelist-empty', /no TrueConf Server is listed/],
    [
      'a server that is not whitelisted',
      { 'productWhitelist.tcs': [], 'trueconfServers.0.serverId': 'other' },
      'server-not-whitelisted',
      /"other" is not in productWhitelist\.tcs/,
    ],
    [
      'a server that may vouch for nobody',
      { 'trueconfServers.0.addressDomains': [] },
      'no-address-domains',
      /nobody can sign in/,
    ],
    [
      'a mapping outside the domains',
      { 'trueconfServers.0.users': { 'a@else.where': 'a' } },
      'outside-address-domains',
      /outside addressDomains/,
    ],
    [
      'an unencrypted way to a far database',
      { 'dbConnectionConfig.host': 'db.corp.example' },
      'database-cleartext',
      /set database\.ssl/,
    ],
    [
      'an application that is not used',
      {
        'calendarProviders.0.oauth': {
          tokenUrl: 'https://adfs.corp.example/adfs/oauth2/token',
          clientId: 'c',
          clientSecret: encryptPassword('x', SecretKey.generate()),
          scope: 'https://mail.corp.example/',
        },
      },
      'oauth-unused',
      /used only with auth "oauth"/,
    ],
    [
      'a keytab that is not used',
      {
        'calendarProviders.0.auth': 'ntlm',
        'calendarProviders.0.kerberos': { principal: 'c@CORP.EXAMPLE', keytab: '/etc/c.keytab' },
      },
      'kerberos-unused',
      /used only with auth "kerberos" or "auto"/,
    ],
    [
      'accounts beside Kerberos alone',
      {
        'calendarProviders.0.auth': 'kerberos',
        'calendarProviders.0.kerberos': { principal: 'c@CORP.EXAMPLE', keytab: '/etc/c.keytab' },
      },
      'credentials-unused',
      /auth is "kerberos"/,
    ],
    ['an old TLS', { 'calendarProviders.0.tls': { minVersion: 'TLSv1' } }, 'old-tls', /TLSv1 is allowed/],
    ['an authority that is not used', { database: { ca: 'ca.pem' } }, 'ca-unused', /verify-full/],
    ['cleartext sign-in', { gateway: { allowCleartext: true } }, 'allow-cleartext', /unencrypted/],
  ])('%s', (_name, edits, code, message) => {
    const found = warnings(edits).filter((warning) => warning.code === code);
    expect(found).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })]);
    expect(found[0]?.message).toMatch(/^config\.json:\d+: /);
  });

  it('are absent from a good config', () => {
    expect(warnings({})).toEqual([]);
    const kerberos = { principal: 'c@CORP.EXAMPLE', keytab: '/etc/c.keytab', service: 'HTTP/mail.corp.example' };
    const withoutPassword = { 'calendarProviders.0.credentials': undefined, 'calendarProviders.0.kerberos': kerberos };
    expect(warnings(withoutPassword)).toEqual([]);
    expect(warnings({ ...withoutPassword, 'calendarProviders.0.auth': 'kerberos' })).toEqual([]);
  });
});

describe('loadConfig', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(name: string, content: string | Buffer): string {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  }

  it('takes relative paths from the folder of the config', () => {
    const edits = {
      'calendarProviders.0.tls': { ca: 'ca/exchange.pem' },
      database: { ssl: true, ca: '/etc/ssl/db.pem' },
    };
    const { config } = loadConfig(write('paths.json', editedConfig(edits)));
    expect(config.calendarProviders[0]?.tls.ca).toBe(join(folder, 'ca/exchange.pem'));
    expect(config.database).toMatchObject({ ssl: 'verify-full', ca: '/etc/ssl/db.pem' });
  });

  it('reads addresses, ids and URLs into their one spelling', () => {
    const edits = {
      'calendarProviders.0.users': [' Anna@Corp.Example ', 'anna@corp.example'],
      'trueconfServers.0.serverId': 'Server.TrueConf.name#vcs',
      'trueconfServers.0.url': 'https://tc.corp.example/',
      'trueconfServers.0.users': { 'Anna@corp.example': 'anna' },
    };
    const { config } = loadConfig(write('spelling.json', editedConfig(edits)));
    expect(config.calendarProviders[0]?.users).toEqual(['anna@corp.example']);
    expect(config.trueconfServers[0]).toMatchObject({
      serverId: 'server.trueconf.name',
      url: 'https://tc.corp.example',
      users: { 'anna@corp.example': 'anna' },
    });
  });

  it('says how to name a config when there is none', () => {
    const path = join(folder, 'none.json');
    expect(() => loadConfig(path)).toThrow(ConfigFileError);
    expect(() => loadConfig(path)).toThrow(/none\.json; name it with --config FILE or CALENDAR_CONFIG/);
  });

  it('refuses what is no text file, each with its reason', () => {
    expect(() => loadConfig(folder)).toThrow(/EISDIR/);
    expect(() => loadConfig(write('utf16.json', Buffer.from('\uFEFF{}', 'utf16le')))).toThrow(/not UTF-8/);
    expect(() => loadConfig(write('huge.json', Buffer.alloc(17 * 1024 * 1024, ' ')))).toThrow(/wanted at most/);
  });

  it('checks ten thousand mailboxes without noticeable delay', () => {
    const users = Array.from({ length: 10_000 }, (_, index) => `user${index}@corp.example`);
    const { config } = loadConfig(write('many.json', editedConfig({ 'calendarProviders.0.users': users })));
    expect(config.calendarProviders[0]?.users).toHaveLength(10_000);
  });
});
