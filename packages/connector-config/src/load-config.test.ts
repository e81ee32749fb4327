import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { encryptPassword, SecretKey } from 'secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigFileError, ConfigInvalidError } from './config-errors.ts';
import { loadConfig, parseConfig } from './load-config.ts';
import { SAMPLE_CONFIG } from './render-docs.ts';
import { editedConfig, provider, VENDOR_SAMPLE } from './testing/sample-configs.ts';

/** The messages with which a config is refused. */
function refusal(text: string): string[] {
  try {
    parseConfig(text, 'config.json');
  } catch (error) {
    if (error instanceof ConfigInvalidError) return error.message.split('\n');
    throw error;
  }
  throw new Error('the config was accepted');
}

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

describe('each mistake gives one line with file, line, path, found and wanted', () => {
  it.each([
    [
      'no users',
      { 'calendarProviders.0.users': undefined },
      'calendarProviders[0].users: found nothing, wanted a list with at least one entry',
    ],
    [
      'empty users',
      { 'calendarProviders.0.users': [] },
      'calendarProviders[0].users: found an empty list, wanted a list with at least one entry',
    ],
    [
      'a wrong address',
      { 'calendarProviders.0.users': ['anna'] },
      'calendarProviders[0].users[0]: found "anna", wanted a mailbox address such as anna@corp.example',
    ],
    [
      'an unknown type',
      { 'calendarProviders.0.type': 'google' },
      'calendarProviders[0].type: found "google", wanted "ews"',
    ],
    [
      'a plain password',
      { 'calendarProviders.0.credentials.0.password': 'hunter2' },
      'calendarProviders[0].credentials[0].password: found a string of 7 characters, wanted an encrypted password (make one with "tc_calendar --hash_pass")',
    ],
    [
      'an empty password',
      { 'calendarProviders.0.credentials.0.password': '' },
      'calendarProviders[0].credentials[0].password: found an empty text, wanted an encrypted password (make one with "tc_calendar --hash_pass")',
    ],
    [
      'a password that is a number',
      { 'calendarProviders.0.credentials.0.password': 12345 },
      'calendarProviders[0].credentials[0].password: found a number, wanted an encrypted password (make one with "tc_calendar --hash_pass")',
    ],
    [
      'no accounts',
      { 'calendarProviders.0.credentials': [] },
      'calendarProviders[0].credentials: found an empty list, wanted a list with at least one entry',
    ],
    [
      'a plain database password',
      { 'dbConnectionConfig.password': 'hunter2' },
      'dbConnectionConfig.password: found a string of 7 characters, wanted an encrypted password (make one with "tc_calendar --hash_pass"), or "" for none',
    ],
    [
      'a path without slash',
      { 'calendarProviders.0.path': 'EWS' },
      'calendarProviders[0].path: found "EWS", wanted a path that begins with "/", such as /EWS/Exchange.asmx',
    ],
    [
      'a URL for a host',
      { 'calendarProviders.0.host': 'https://mail' },
      'calendarProviders[0].host: found "https://mail", wanted a host name or an IP address, without scheme, port or path',
    ],
    ['a port in quotes', { wsPort: '4315' }, 'wsPort: found "4315", wanted a whole number from 1 to 65535'],
    [
      'a port out of range',
      { 'dbConnectionConfig.port': 70_000 },
      'dbConnectionConfig.port: found the number 70000, wanted a whole number from 1 to 65535',
    ],
    ['a port with a fraction', { wsPort: 1.5 }, 'wsPort: found the number 1.5, wanted a whole number from 1 to 65535'],
    ['a text for a switch', { launchConference: 'yes' }, 'launchConference: found "yes", wanted true or false'],
    ['null for a section', { cache: null }, 'cache: found null, wanted an object in { }'],
    [
      'too wide a window',
      { 'cache.backward': 12, 'cache.forward': 12 },
      'cache: found a window of 24 months, wanted backward and forward to make 1 to 23 months together (Exchange shows at most two years at once)',
    ],
    [
      'an empty window',
      { 'cache.backward': 0, 'cache.forward': 0 },
      'cache: found a window of 0 months, wanted backward and forward to make 1 to 23 months together (Exchange shows at most two years at once)',
    ],
    [
      'a whitelist of URLs',
      { 'productWhitelist.tcs': ['https://x'] },
      'productWhitelist.tcs[0]: found "https://x", wanted a TrueConf Server as its id (server.trueconf.name#vcs), host name or IP address, without scheme and port',
    ],
    [
      'auth that is not built yet',
      { 'calendarProviders.0.auth': 'ntlm' },
      'calendarProviders[0].auth: found "ntlm", which this build does not have yet, wanted "auto" or "basic"',
    ],
    [
      'cleartext to another machine',
      { 'calendarProviders.0.protocol': 'http' },
      'calendarProviders[0].protocol: found "http" to mail.corp.example, wanted "https" (http only to this machine itself)',
    ],
    [
      'a gateway sign-in that is not built yet',
      { gateway: { auth: ['token', 'oidc'] } },
      'gateway.auth[1]: found "oidc", which this build does not have yet, wanted "token"',
    ],
    [
      'a proxy range that is none',
      { gateway: { trustedProxies: ['10.0.0.0/40'] } },
      'gateway.trustedProxies[0]: found "10.0.0.0/40", wanted an IP address or a range such as 10.0.0.0/8',
    ],
    [
      'half a certificate',
      { gateway: { tls: { cert: 'a.pem' } } },
      'gateway.tls.key: found nothing, wanted the path of a file',
    ],
    [
      'pings rarer than the idle limit',
      { gateway: { limits: { pingSeconds: 60 } } },
      'gateway.limits.pingSeconds: found 60, wanted fewer than idleSeconds (60), or quiet clients are closed',
    ],
    [
      'an unknown ssl mode',
      { database: { ssl: 'prefer' } },
      'database.ssl: found "prefer", wanted true or false or "require" or "verify-full"',
    ],
    [
      'a port twice',
      { ops: { ports: { launcher: 4315 } } },
      'ops.ports.launcher: found 4315, which wsPort has too, wanted a port of its own',
    ],
    [
      'an ops port where the system takes its own',
      { ops: { ports: { launcher: 40_000 } } },
      'ops.ports.launcher: found the number 40000, wanted a whole number from 1024 to 32000',
    ],
    [
      'a TrueConf Server in cleartext',
      { 'trueconfServers.0.url': 'http://tc.corp.example' },
      'trueconfServers[0].url: found "http://tc.corp.example", wanted an https:// address without user, query and fragment (http:// only for this machine itself)',
    ],
    [
      'a mapping from something else than an address',
      { 'trueconfServers.0.users': { anna: 'anna' } },
      'trueconfServers[0].users.anna: found the key "anna", wanted a mailbox address such as anna@corp.example as the key',
    ],
    [
      'a mailbox mapped twice',
      { 'trueconfServers.0.users': { 'a@b.c': 'x', 'A@B.C': 'y' } },
      'trueconfServers[0].users["A@B.C"]: found the same mailbox again, wanted one TrueConf ID per mailbox',
    ],
  ])('%s', (_name, edits, expected) => {
    expect(refusal(editedConfig(edits))).toEqual([expect.stringMatching(/^config\.json:\d+: /)]);
    expect(refusal(editedConfig(edits))[0]?.replace(/^config\.json:\d+: /, '')).toBe(expected);
  });

  it.each([
    ['an empty file', '', 'config.json:1: column 1: wanted a value'],
    ['a list', '[]', 'config.json:1: found an empty list, wanted one object in { }'],
    [
      'a missing comma',
      '{\n "wsPort": 1\n "cache": {}\n}',
      'config.json:3: column 2: wanted "," before the next entry',
    ],
    ['a missing bracket', '{\n "a": [1\n', 'config.json:3: column 1: wanted "]"'],
    ['a single backslash', '{\n "a": "CORP\\reader\\x"\n}', /^config\.json:2: column \d+: found a backslash/],
    ['a comment that never ends', '{\n /* \n}', /^config\.json:2: /],
    [
      'a key given twice',
      '{\n "wsPort": 1,\n "wsPort": 2\n}',
      'config.json:3: wsPort: found the key a second time, wanted it once',
    ],
    ['absurd nesting', '['.repeat(200_000), /^config\.json:1: /],
  ])('%s', (_name, text, expected) => {
    expect(refusal(text)[0]).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  it('points at the right lines of a real file', () => {
    const text = VENDOR_SAMPLE.replace('"wsPort": 4315', '"wsPort": 0').replace('"user2@example.com"', '"nobody"');
    const lines = refusal(text);
    const lineOf = (piece: string) => text.slice(0, text.indexOf(piece)).split('\n').length;
    expect(lines).toEqual([
      expect.stringContaining(`config.json:${lineOf('"wsPort": 0')}: wsPort: `),
      expect.stringContaining(`config.json:${lineOf('"nobody"')}: calendarProviders[0].users[1]: `),
    ]);
  });

  it('all of them at once, in the order of the file', () => {
    const lines = refusal(
      editedConfig({
        wsPort: 0,
        'cache.forward': 99,
        'calendarProviders.0.type': 'x',
        'calendarProviders.0.users': ['x', 'y'],
      }),
    );
    expect(lines.map((line) => line.split(': ')[1])).toEqual([
      'wsPort',
      'cache.forward',
      'calendarProviders[0].type',
      'calendarProviders[0].users[0]',
      'calendarProviders[0].users[1]',
    ]);
  });

  it('a hundred of them at most, with the number of the others', () => {
    const lines = refusal(editedConfig({ 'calendarProviders.0.users': Array.from({ length: 1000 }, () => 'x') }));
    expect(lines).toHaveLength(101);
    expect(lines[100]).toBe('and 900 more');
  });

  it('a mailbox under two providers, however it is written, names where it was first', () => {
    const text = editedConfig({
      calendarProviders: [
        provider({ users: ['anna@corp.example'] }),
        provider({ users: ['x@corp.example', ' Anna@Corp.Example'] }),
      ],
    });
    expect(refusal(text)).toEqual([
      expect.stringMatching(
        /calendarProviders\[1\]\.users\[1\]: found "anna@corp\.example" again, wanted each mailbox under one provider only \(first on line \d+\)$/,
      ),
    ]);
  });

  it('a misspelt key that explains a missing one is named too', () => {
    const text = editedConfig({ 'calendarProviders.0.users': undefined, 'calendarProviders.0.user': ['a@b.c'] });
    expect(refusal(text)[1]).toMatch(
      /calendarProviders\[0\]\.user: this key is not known and has no effect; did you mean "users"\?$/,
    );
  });

  it('any JSON at all is accepted or refused in whole lines', () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    const key = fc.constantFrom(
      'wsPort',
      'cache',
      'calendarProviders',
      'trueconfServers',
      'gateway',
      'database',
      'ops',
      'x',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.dictionary(key, anything), (value) => {
        for (const line of refusal(JSON.stringify({ calendarProviders: 1, ...value }, null, 1))) {
          expect(line).toMatch(/^config\.json:\d+: /);
        }
      }),
    );
  });

  it('any text at all is accepted or refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '/', '*', '\\', '1', 'a', '\n', '\0') }),
        (text) => refusal(text).length > 0,
      ),
    );
  });
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
    ['an authority that is not used', { database: { ca: 'ca.pem' } }, 'ca-unused', /verify-full/],
    ['cleartext sign-in', { gateway: { allowCleartext: true } }, 'allow-cleartext', /unencrypted/],
  ])('%s', (_name, edits, code, message) => {
    const found = warnings(edits).filter((warning) => warning.code === code);
    expect(found).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })]);
    expect(found[0]?.message).toMatch(/^config\.json:\d+: /);
  });

  it('are absent from a good config', () => {
    expect(warnings({})).toEqual([]);
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
