import { describe, expect, it } from 'vitest';
import { checkVersion1, checkVersion2, type NtlmAnswer, ntHash, rc4 } from './ntlm-proof.ts';

// The published example of MS-NLMP §4.2: user "User", domain "Domain", password "Password".
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const base: NtlmAnswer = {
  user: 'User',
  domain: 'Domain',
  serverChallenge: hex('0123456789abcdef'),
  ntResponse: Buffer.alloc(0),
  lmResponse: Buffer.alloc(24),
  extendedSession: false,
};

describe('the proofs of NTLM, by the example of MS-NLMP §4.2', () => {
  it('knows the hash of the password', () => {
    expect(ntHash('Password').toString('hex')).toBe('a4f49c406510bdcab6824ee7c30fd852');
  });

  it('checks version 2 and finds its session key', () => {
    const blob = hex(
      '01 01 0000 00000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000' +
        '02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000 00000000',
    );
    const ntResponse = Buffer.concat([hex('68cd0ab851e51c96aabc927bebef6a1c'), blob]);
    const key = checkVersion2('Password', { ...base, ntResponse });
    expect(key?.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
    expect(rc4(key!, hex('c5dad2544fc9799094ce1ce90bc9d03e'))).toEqual(Buffer.alloc(16, 0x55));
    expect(checkVersion2('password', { ...base, ntResponse })).toBeNull();
  });

  it('checks version 1, with and without extended session security', () => {
    const plain = hex('67c43011f30298a2ad35ece64f16331c44bdbed927841f94');
    expect(checkVersion1('Password', { ...base, ntResponse: plain })).toBe(true);
    expect(checkVersion1('password', { ...base, ntResponse: plain })).toBe(false);
    const session = {
      extendedSession: true,
      lmResponse: Buffer.concat([Buffer.alloc(8, 0xaa), Buffer.alloc(16)]),
      ntResponse: hex('7537f803ae367128ca458204bde7caf81e97ed2683267232'),
    };
    expect(checkVersion1('Password', { ...base, ...session })).toBe(true);
  });
});
