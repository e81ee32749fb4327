import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CharacterCleaner } from './character-cleaner.ts';

function clean(chunks: readonly string[]): string {
  const cleaner = new CharacterCleaner();
  return chunks.map((chunk) => cleaner.clean(chunk)).join('') + cleaner.end();
}

/** Cuts a text at random places. */
function chunked(text: string): fc.Arbitrary<string[]> {
  return fc.array(fc.nat(text.length), { maxLength: 8 }).map((cuts) => {
    const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
    return places.slice(1).map((place, index) => text.slice(places[index], place));
  });
}

describe('CharacterCleaner', () => {
  test.each([
    ['a&#x0;b', 'ab'],
    ['a&#x1A;b&#25;c', 'abc'],
    ['&#x1f;&#xFFFE;&#xD800;&#x110000;&#00000;', ''],
    ['a\u0000b\u000bc\u001fd\uffffe', 'abcde'],
    ['tab&#9;line&#xA;\t\r\n&#x20;&#x10FFFF;&#128512;', 'tab&#9;line&#xA;\t\r\n&#x20;&#x10FFFF;&#128512;'],
    ['&amp;#x0; &lt;&unknown; & &# &#; &#x;', '&amp;#x0; &lt;&unknown; & &# &#; &#x;'],
    ['ends in &#x1', 'ends in &#x1'],
  ])('%j becomes %j', (dirty, wanted) => {
    expect(clean([dirty])).toBe(wanted);
  });

  test('a chunk border changes nothing, wherever it falls', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '&#x0;',
        '&#x1A;',
        '&#25;',
        '&#x41;',
        '&amp;',
        '&',
        '&#',
        '&#x',
        ';',
        '<a>',
        '\u0001',
        '\u001a',
        '😀',
      ),
      fc.nat(0x120000).map((point) => `&#x${point.toString(16)};`),
      fc.nat(0x120000).map((point) => `&#${String(point).padStart(9, '0')};`),
      fc.string({ maxLength: 5 }),
    );
    const texts = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        texts.chain((text) => fc.tuple(fc.constant(text), chunked(text))),
        ([text, chunks]) => {
          expect(clean(chunks)).toBe(clean([text]));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('what it lets through is legal, and legal text stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const cleaned = clean([text]);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for what must be gone
        expect(cleaned).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
        expect(clean([cleaned])).toBe(cleaned);
      }),
    );
  });
});
