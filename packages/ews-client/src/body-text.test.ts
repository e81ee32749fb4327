import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestBody } from './body-text.ts';

describe('digestBody', () => {
  test('collapses white space of every kind and trims', () => {
    expect(digestBody('  Hello\r\n\r\n\tworld\u00a0\u200b !  ', false).preview).toBe('Hello world !');
  });

  test('keeps no NUL and no half character that markup spells out', () => {
    const digest = digestBody('<p>a&#0;&#xD83D;b <a href="https://zoom.us/j/1&#0;&#xDE00;">c</a></p>', true);
    expect(digest).toEqual({ preview: 'ab c', links: ['https://zoom.us/j/1'] });
  });

  test('cuts at 255 code points, never inside a character', () => {
    const { preview } = digestBody('😀'.repeat(300), false);
    expect(Array.from(preview)).toHaveLength(255);
    expect(preview.isWellFormed()).toBe(true);
  });

  test('holds for any text: short, collapsed, well formed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 12 }).map((part) => part.repeat(40)),
        (text) => {
          const { preview } = digestBody(text, false);
          expect(Array.from(preview).length).toBeLessThanOrEqual(255);
          expect(preview).toBe(preview.trim().replace(/\s+/gu, ' '));
          expect(preview.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  test('finds a TrueConf link far behind the preview, among many others', () => {
    const others = Array.from({ length: 50 }, (_, index) => `https://example.com/${index}`).join(' ');
    const { links } = digestBody(`${others} join: <https://video.corp.example/c/team_1>.`, false);
    expect(links).toHaveLength(20);
    expect(links).toContain('https://video.corp.example/c/team_1');
  });

  test('finds application links and leaves punctuation and over-long links out', () => {
    const text = `(trueconf:\\c\\1234@video.corp.example&h=video.corp.example), https://a.example/x. https://a.example/x http://b.example/${'y'.repeat(600)}`;
    expect(digestBody(text, false).links).toEqual([
      'trueconf:\\c\\1234@video.corp.example&h=video.corp.example',
      'https://a.example/x',
    ]);
  });

  test('takes markup away when a server sends HTML all the same', () => {
    const html =
      '<html><head><style>p{color:red}</style></head><body><p>Plan&nbsp;&amp; talk</p><!-- x -->' +
      '<a href="https://video.corp.example/c/42?a=1&amp;b=2">here</a></body></html>';
    expect(digestBody(html, true)).toEqual({
      preview: 'Plan & talk here',
      links: ['https://video.corp.example/c/42?a=1&b=2'],
    });
  });

  test.each([
    ['comments that never end', '<!--'],
    ['elements that never end', '<head '],
    ['tags that never end', '<'],
    ['links without end', 'https://....'],
    ['one link of dots', `https://${'.'.repeat(200_000)}x`],
  ])('goes once through %s: each piece is looked at for no longer than the text is long', (_what, piece) => {
    const text = piece.repeat(Math.ceil(200_000 / piece.length));
    expect(digestBody(text, true).preview.length).toBeLessThanOrEqual(255);
  });
});
