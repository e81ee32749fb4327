import { describe, expect, it } from 'vitest';
import { closeCode, closeCodes, describeCloseCode } from './close-codes.ts';
import { describeErrorCode, errorCode, errorCodes } from './error-codes.ts';

describe('codes', () => {
  it('are unique, by number and by name', () => {
    for (const table of [errorCodes, closeCodes]) {
      expect(new Set(table.map((entry) => entry.code)).size).toBe(table.length);
      expect(new Set(table.map((entry) => entry.name)).size).toBe(table.length);
    }
  });

  it('are found by name and described by number', () => {
    expect(errorCode('badPayload')).toBe(407);
    expect(describeErrorCode(407)?.name).toBe('badPayload');
    expect(describeErrorCode(9999)).toBeUndefined();
    expect(closeCode('tooSlow')).toBe(4409);
  });

  it('lead a client to reconnect unless its server is not whitelisted', () => {
    expect(closeCodes.filter((entry) => entry.reconnect === 'no').map((entry) => entry.code)).toEqual([4403]);
    expect(describeCloseCode(4999)).toMatchObject({ code: 4999, reconnect: 'yes' });
  });
});
