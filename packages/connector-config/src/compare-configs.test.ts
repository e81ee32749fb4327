import { encryptPassword, SecretKey } from 'secrets';
import { describe, expect, it } from 'vitest';
import { diffReload } from './diff-reload.ts';
import { parseConfig } from './load-config.ts';
import { sectionDigest, sectionDigests } from './section-digest.ts';
import { editedConfig } from './testing/sample-configs.ts';
import { isWhitelisted, usableServers, whitelistedServers } from './whitelisted-servers.ts';

const key = SecretKey.generate();
const config = (edits: Record<string, unknown> = {}) => parseConfig(editedConfig(edits), 'config.json').config;

describe('sectionDigest', () => {
  const PASSWORD = 'calendarProviders.0.credentials.0.password';
  const digest = (edits: Record<string, unknown>) => sectionDigest(config(edits), 'calendarProviders');

  it('is the same for the same meaning: order of keys, defaults written out, another encryption of a password', () => {
    const value = () => encryptPassword('same', key);
    expect(digest({ [PASSWORD]: value() })).toBe(digest({ [PASSWORD]: value() }));
    expect(sectionDigest(config({ cache: { forward: 3, backward: 2 } }), 'cache')).toBe(
      sectionDigest(config(), 'cache'),
    );
  });

  it('differs for another value and for another key', () => {
    expect(digest({ 'calendarProviders.0.users': ['x@corp.example'] })).not.toBe(digest({}));
    expect(digest({ [PASSWORD]: encryptPassword('x', key) })).not.toBe(
      digest({ [PASSWORD]: encryptPassword('x', SecretKey.generate()) }),
    );
  });

  it('is given for every section', () => {
    const digests = sectionDigests(config());
    expect(Object.keys(digests)).toContain('trueconfServers');
    for (const value of Object.values(digests)) expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(sectionDigests(config(), ['cache']))).toEqual(['cache']);
  });
});

describe('diffReload', () => {
  it('finds nothing between equal configs', () => {
    expect(diffReload(config(), config())).toEqual({ live: [], restart: [] });
  });

  it('parts what takes effect at once from what needs a restart', () => {
    const next = config({
      wsPort: 4400,
      cache: { forward: 6 },
      gateway: { host: '127.0.0.1', limits: { socketsPerUser: 3 } },
      'calendarProviders.0.users': ['new@corp.example'],
    });
    expect(diffReload(config(), next)).toEqual({
      live: ['cache.forward', 'calendarProviders', 'gateway.limits.socketsPerUser'],
      restart: ['wsPort', 'gateway.host'],
    });
  });

  it('notices a new password, and an optional section that comes or goes', () => {
    const [one, two] = [encryptPassword('a', key), encryptPassword('b', key)];
    const database = (value: string) => config({ 'dbConnectionConfig.password': value });
    expect(diffReload(database(one), database(one)).restart).toEqual([]);
    expect(diffReload(database(one), database(two)).restart).toEqual(['dbConnectionConfig.password']);
    expect(diffReload(database(''), database(two)).restart).toEqual(['dbConnectionConfig.password']);
    const listening = config({ database: { listen: { host: 'db', port: 5432 } } });
    expect(diffReload(config(), listening).restart).toEqual(['database.listen']);
  });
});

describe('whitelistedServers', () => {
  it.each([
    ['its id with the mark', 'server.trueconf.name#vcs', true],
    ['its id in capitals', 'SERVER.trueconf.name', true],
    ['the host of its address', 'tc.corp.example', true],
    ['another server', 'other.trueconf.name#vcs', false],
    ['a part of its id', 'trueconf.name', false],
  ])('matches a server by %s', (_name, entry, matches) => {
    const edited = config({ 'productWhitelist.tcs': [entry] });
    const [server] = edited.trueconfServers;
    expect(whitelistedServers(edited)).toEqual([{ entry, server: matches ? server : undefined }]);
    expect(usableServers(edited)).toEqual(matches ? [server] : []);
    expect(server && isWhitelisted(edited, server)).toBe(matches);
  });
});
