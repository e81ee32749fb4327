import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trueConfLink, trueConfLinks } from './trueconf-link.ts';

describe('trueConfLink', () => {
  test.each([
    ['https://conf.example/c/4820175533', '4820175533', 'conf.example'],
    ['https://conf.example/webrtc/4820175533', '4820175533', 'conf.example'],
    ['HTTPS://Conf.Example:8443/c/AbC_1?x=1#y', 'AbC_1', 'conf.example:8443'],
    ['http://[2001:db8::1]:8080/c/1', '1', '[2001:db8::1]:8080'],
    ['http://192.0.2.7/c/1/', '1', '192.0.2.7'],
    ['trueconf:\\c\\1234567890@conf.example%23vcs', '1234567890', 'conf.example'],
    ['trueconf:\\c\\1234567890@conf.example#vcs&h=other.example', '1234567890', 'conf.example'],
    ['trueconf:%5Cc%5C12@conf.example%23vcs', '12', 'conf.example'],
    ['visicall:\\c\\12@conf.example', '12', 'conf.example'],
    ['trueconf:\\c\\12', '12', null],
    ['Join (https://conf.example/c/12), please.', '12', 'conf.example'],
    ['Join trueconf:\\c\\12@conf.example.', '12', 'conf.example'],
    ['<a href="https://конф.example/c/12">', '12', 'конф.example'],
  ])('finds the conference in %s', (text, cid, server) => {
    expect(trueConfLink(text)).toEqual({ cid, server });
  });

  test.each([
    'https://conf.example/c/',
    'https://conf.example/clients/12',
    'https://video.example/c/team-page',
    'https://video.example/c/logo.png',
    'https://video.example/c/100%25',
    'https://someone@conf.example/c/12',
    `https://conf.example/c/${'a'.repeat(129)}`,
    'trueconf:anna@conf.example&do=profile',
    'mailto:\\c\\12',
    '',
  ])('finds none in %s', (text) => {
    expect(trueConfLink(text)).toBeNull();
  });

  test('a link written into any surroundings is found again', () => {
    const cid = fc.stringMatching(/^[A-Za-z0-9_]{1,128}$/);
    const host = fc.domain();
    const around = fc.constantFrom('', ' ', '\n', '"', '<', '(', ', ');
    fc.assert(
      fc.property(cid, host, around, fc.constantFrom('c', 'webrtc', 'app'), (id, server, space, form) => {
        const link = form === 'app' ? `trueconf:\\c\\${id}@${server}%23vcs` : `https://${server}/${form}/${id}`;
        expect(trueConfLink(`${space}${link}${space}`)).toEqual({ cid: id, server: server.toLowerCase() });
      }),
    );
  });

  test('any text gives well-formed links or none', () => {
    const pieces = fc.constantFrom(
      'https://',
      'trueconf:',
      '\\c\\',
      '/c/',
      '/webrtc/',
      'a',
      '.',
      '@',
      '%23vcs',
      '%',
      ' ',
      '[',
      ']',
      ':',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        for (const { cid, server } of trueConfLinks([parts.join('')])) {
          expect(cid).toMatch(/^[A-Za-z0-9_]{1,128}$/);
          expect(server === null || server.length > 0).toBe(true);
        }
      }),
    );
  });

  test('repetitive text of a megabyte is read in no time', () => {
    const text = 'https://a/c/'.repeat(40_000) + 'https://'.repeat(40_000) + 'trueconf:\\c\\'.repeat(20_000);
    expect(trueConfLinks([text]).length).toBeLessThan(5);
  });
});

test('all links of several texts come once each, in order', () => {
  const texts = [
    'at https://a.example/c/1 or trueconf:\\c\\2@b.example%23vcs',
    'https://A.example/c/1 https://a.example/c/3',
  ];
  expect(trueConfLinks(texts)).toEqual([
    { cid: '1', server: 'a.example' },
    { cid: '2', server: 'b.example' },
    { cid: '3', server: 'a.example' },
  ]);
});
