import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal } from './testing/refusal.ts';
import { editedConfig, provider, VENDOR_SAMPLE } from './testing/sample-configs.ts';

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
      'calendarProviders[0].credentials: found no account, wanted one or more {login, password}',
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
      'no accounts at all',
      { 'calendarProviders.0.credentials': undefined },
      'calendarProviders[0].credentials: found no account, wanted one or more {login, password}',
    ],
    [
      'oauth without its section',
      { 'calendarProviders.0.auth': 'oauth' },
      'calendarProviders[0].auth: found "oauth" alone, wanted an "oauth" section {tokenUrl, clientId, clientSecret, scope} beside it',
    ],
    [
      'Kerberos without its section',
      { 'calendarProviders.0.auth': 'kerberos' },
      'calendarProviders[0].auth: found "kerberos" alone, wanted a "kerberos" section {principal, keytab} beside it',
    ],
    [
      'a principal with spaces',
      { 'calendarProviders.0.kerberos': { principal: 'calendar reader', keytab: 'k' } },
      'calendarProviders[0].kerberos.principal: found "calendar reader", wanted a principal such as calendar-reader@CORP.EXAMPLE',
    ],
    [
      'a service without its host',
      { 'calendarProviders.0.kerberos': { principal: 'c@CORP.EXAMPLE', keytab: 'k', service: 'HTTP@mail' } },
      'calendarProviders[0].kerberos.service: found "HTTP@mail", wanted the name of a service such as HTTP/mail.corp.example',
    ],
    [
      'a pin that is none',
      { 'calendarProviders.0.tls': { pins: ['12:34'] } },
      'calendarProviders[0].tls.pins[0]: found "12:34", wanted the SHA-256 of a certificate or of its public key, in hex or base64',
    ],
    [
      'a client secret in plain text',
      {
        'calendarProviders.0.auth': 'oauth',
        'calendarProviders.0.oauth': {
          tokenUrl: 'https://adfs.corp.example/token',
          clientId: 'c',
          clientSecret: 'x',
          scope: 's',
        },
      },
      'calendarProviders[0].oauth.clientSecret: found a string of 1 characters, wanted an encrypted password (make one with "tc_calendar --hash_pass")',
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
