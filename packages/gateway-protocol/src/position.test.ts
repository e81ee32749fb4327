import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPosition, parsePosition } from './position.ts';

describe('position', () => {
  it('comes back from its text as it was', () => {
    const position = fc.record({
      epoch: fc.stringMatching(/^[0-9a-f]{16}$/u),
      seq: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    });
    fc.assert(
      fc.property(position, (given) => {
        expect(parsePosition(formatPosition(given))).toEqual(given);
      }),
    );
  });

  it.each(['', ':', 'abc', 'abc:', ':5', 'abc:-1', 'abc:1.5', 'abc:01', 'abc:9007199254740993', 'a b:1', 'abc:1:2'])(
    'is not read from %j',
    (text) => expect(parsePosition(text)).toBeNull(),
  );

  it('is read from no text that it would not write', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const position = parsePosition(text);
        if (position !== null) expect(formatPosition(position)).toBe(text);
      }),
    );
  });
});
