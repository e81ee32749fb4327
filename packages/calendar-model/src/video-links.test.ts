import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VIDEO_SERVICE_HOSTS, videoLinks, videoServiceHost } from './video-links.ts';

describe('videoLinks', () => {
  it.each([
    ['https://conf.example/c/4820175533', 'https://conf.example/c/4820175533'],
    ['Join: https://conf.example/c/4820175533.', 'https://conf.example/c/4820175533'],
    ['(https://conf.example/webrtc/Team_1)', 'https://conf.example/webrtc/Team_1'],
    ['„https://conf.example/c/1”, please', 'https://conf.example/c/1'],
    ['<https://conf.example:8443/c/1/?lang=en>', 'https://conf.example:8443/c/1/?lang=en'],
    ['trueconf:\\c\\12@conf.example%23vcs', 'trueconf:\\c\\12@conf.example%23vcs'],
    ['visicall:\\c\\12', 'visicall:\\c\\12'],
    ['HTTPS://CORP.zoom.us/j/1', 'HTTPS://CORP.zoom.us/j/1'],
    [
      'https://teams.microsoft.com/l/meetup-join/19%3ameeting',
      'https://teams.microsoft.com/l/meetup-join/19%3ameeting',
    ],
  ])('finds the link in %s', (text, link) => {
    expect(videoLinks([text])).toEqual([link]);
  });

  it.each([
    '',
    'https://corp.example/agenda',
    'https://corp.example/clients/12',
    'https://zoom.us.evil.example/j/1',
    'https://zoom.us@evil.example/j/1',
    'https://notzoom.us/j/1',
    'https://[',
    'https://',
    'trueconf: the meeting is there',
    'trueconf:).',
    `https://conf.example/c/1?${'x'.repeat(600)}`,
  ])('finds none in %s', (text) => {
    expect(videoLinks([text])).toEqual([]);
  });

  it('keeps the order of the texts, each link once, ten at most', () => {
    const links = Array.from({ length: 12 }, (_, number) => `https://conf.example/c/${number}`);
    expect(videoLinks([links[1]!, `${links[0]} ${links[1]}`])).toEqual([links[1], links[0]]);
    expect(videoLinks([links.join(' ')])).toEqual(links.slice(0, 10));
    expect(videoLinks(links)).toEqual(links.slice(0, 10));
  });

  it("finds links to services that the administrator's list adds", () => {
    expect(videoLinks(['https://meet.corp.example/room'], ['Corp.Example'])).toEqual([
      'https://meet.corp.example/room',
    ]);
  });

  it('finds what it returned again, and nothing else', () => {
    const pieces = fc.constantFrom(
      'https://',
      'trueconf:',
      '\\c\\',
      '/c/',
      'zoom.us',
      'a.example',
      ' ',
      '.',
      ')',
      '%',
      '1',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        const links = videoLinks([parts.join('')]);
        expect(videoLinks(links)).toEqual(links);
        for (const link of links) expect(link.length).toBeLessThanOrEqual(512);
      }),
    );
  });

  it('takes no longer for a hostile invitation', () => {
    const dots = `https://${'.'.repeat(2_000_000)}a`;
    const starts = 'https://'.repeat(250_000);
    expect(videoLinks([dots, starts, `${dots} https://conf.example/c/1`])).toEqual(['https://conf.example/c/1']);
  });
});

describe('videoServiceHost', () => {
  it.each([
    ['https://zoom.us/j/1', 'zoom.us'],
    ['https://Corp.Zoom.US/j/1', 'zoom.us'],
    ['https://conf.example/c/1', null],
    ['https://zoom.us@evil.example/j/1', null],
    ['trueconf:\\c\\1@zoom.us', null],
    ['zoom.us/j/1', null],
    ['', null],
  ])('of %s is %s', (link, host) => {
    expect(videoServiceHost(link)).toBe(host);
  });

  it('is known for every service of the list, by its host and below it', () => {
    for (const service of VIDEO_SERVICE_HOSTS) {
      expect(videoServiceHost(`https://${service}/x`)).toBe(service);
      expect(videoServiceHost(`http://a.b.${service}:8443/x`)).toBe(service);
    }
  });
});
