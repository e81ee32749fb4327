import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretKey } from './secret-key.ts';

const bytes = Buffer.alloc(32, 7);
const key = new SecretKey(bytes);

describe('SecretKey', () => {
  it('shows its bytes to no printer, lister or copier', () => {
    const shown = [
      inspect(key, { depth: 9, showHidden: true }),
      JSON.stringify({ key }),
      `${key}`,
      JSON.stringify(Object.getOwnPropertyNames(key)),
      inspect({ ...key }),
      inspect(structuredClone({ ...key })),
    ].join('\n');
    for (const form of ['hex', 'base64'] as const) expect(shown).not.toContain(bytes.toString(form).slice(0, 12));
    expect(shown).not.toContain('07, 07');
    expect(shown).toContain(key.id);
  });

  it('derives the same key for the same purpose and an unrelated one for another', () => {
    expect(new SecretKey(bytes).derive('access-token')).toEqual(key.derive('access-token'));
    expect(key.derive('access-token')).not.toEqual(key.derive('refresh-token'));
    expect(key.derive('access-token')).not.toEqual(bytes);
    expect(key.derive('access-token', 64)).toHaveLength(64);
  });

  it('keeps its id and derived keys from version to version, or values in configs become unreadable', () => {
    expect(key.id).toBe('219c5fcb');
    expect(key.derive('password-encryption').toString('hex')).toBe(
      '769d1b77dbf7ac858c11d8ccbabf834604ec1607fe07bc8ffe2e7d1304c2a0f2',
    );
  });

  it('is not changed by its maker afterwards', () => {
    const given = Buffer.alloc(32, 1);
    const made = new SecretKey(given);
    const before = made.derive('x');
    given.fill(2);
    expect(made.derive('x')).toEqual(before);
  });

  it('refuses another length', () => {
    expect(() => new SecretKey(Buffer.alloc(31))).toThrow(RangeError);
  });
});
