import { describe, expect, test } from 'vitest';
import { ntlmIdentity, ntlmv2Response } from './ntlmv2-response.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('NTLMv2, by the example of MS-NLMP §4.2.4', () => {
  const { nt, lm, sessionKey } = ntlmv2Response(ntlmIdentity('Domain\\User', 'Password'), {
    serverChallenge: hex('0123456789abcdef'),
    clientChallenge: Buffer.alloc(8, 0xaa),
    time: Buffer.alloc(8),
    targetInfo: hex('02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000'),
  });

  test('answers the challenge', () => {
    expect(nt.subarray(0, 16).toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(lm.toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
  });

  test('finds the session key', () => {
    expect(sessionKey.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
  });
});

test.each([
  ['CORP\\svc', 'CORP', 'svc'],
  ['svc', '', 'svc'],
  ['svc@corp.example', '', 'svc@corp.example'],
])('the login %s is the user %j and %j', (login, domain, user) => {
  expect(ntlmIdentity(login, 'p')).toEqual({ domain, user, password: 'p' });
});
