import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalTrueConfId } from './trueconf-id.ts';

test.each([
  ['anna', 'anna'],
  ['Anna@Conf.Example', 'anna'],
  ['anna@conf.example/7f', 'anna'],
  ['anna@conf.example#vcs', 'anna'],
  ['anna@other.example/1', 'anna@other.example'],
  ['anna@sub.conf.example', 'anna@sub.conf.example'],
])('%s is %s on conf.example', (id, canonical) => {
  expect(canonicalTrueConfId(id, 'conf.example#vcs')).toBe(canonical);
});

test('without a server only the instance is cut', () => {
  expect(canonicalTrueConfId('Anna@conf.example/7')).toBe('anna@conf.example');
});

test('the canonical form is its own canonical form', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[^@]*$/), fc.domain(), (id, server) => {
      const once = canonicalTrueConfId(`${id}@${server}/x`, server);
      expect(canonicalTrueConfId(once, server)).toBe(once);
    }),
  );
});
