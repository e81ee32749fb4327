import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isServerMatch } from './server-match.ts';

test.each([
  ['server.trueconf.name#vcs', 'server.trueconf.name'],
  ['server.trueconf.name', 'Server.TrueConf.Name#vcs'],
  ['conf.example', 'conf.example:8443'],
  ['https://conf.example/', 'conf.example.'],
  ['192.0.2.7', '192.0.2.7:443'],
  ['2001:db8::1', '[2001:db8::1]:443'],
  ['конф.example', 'xn--j1agcz.example'],
  ['conf.example:8443', 'conf.example:8443'],
])('%s allows %s', (entry, server) => {
  expect(isServerMatch(entry, server)).toBe(true);
});

test.each([
  ['conf.example', 'conf.example.evil.example'],
  ['conf.example', 'evilconf.example'],
  ['conf.example', 'conf.example@evil.example'],
  ['conf.example:8443', 'conf.example:443'],
  ['', ''],
  ['#vcs', '#vcs'],
  ['*', 'conf.example'],
])('%s does not allow %s', (entry, server) => {
  expect(isServerMatch(entry, server)).toBe(false);
});

test('a server matches itself in every spelling, and never a subdomain', () => {
  fc.assert(
    fc.property(fc.domain(), (name) => {
      expect(isServerMatch(`${name}#vcs`, name.toUpperCase())).toBe(true);
      expect(isServerMatch(name, `sub.${name}`)).toBe(false);
    }),
  );
});
