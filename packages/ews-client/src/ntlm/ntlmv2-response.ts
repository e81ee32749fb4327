import { createHmac } from 'node:crypto';
import { md4 } from './md4.ts';

/** Who signs in: as the login says, `DOMAIN\user` in two parts and any other form as the user alone. */
export interface NtlmIdentity {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

export interface Ntlmv2Input {
  readonly serverChallenge: Buffer;
  /** Eight random bytes. */
  readonly clientChallenge: Buffer;
  /** Hundreds of nanoseconds since 1601, eight bytes. */
  readonly time: Buffer;
  /** AV pairs with their end. */
  readonly targetInfo: Buffer;
}

export interface Ntlmv2Response {
  readonly nt: Buffer;
  readonly lm: Buffer;
  readonly sessionKey: Buffer;
}

/** The parts of a login. */
export function ntlmIdentity(login: string, password: string): NtlmIdentity {
  const backslash = login.indexOf('\\');
  return { domain: login.slice(0, Math.max(0, backslash)), user: login.slice(backslash + 1), password };
}

/** The answers to a server's challenge and the session's key (MS-NLMP §3.3.2). */
export function ntlmv2Response(identity: NtlmIdentity, input: Ntlmv2Input): Ntlmv2Response {
  const { serverChallenge, clientChallenge, time, targetInfo } = input;
  const key = responseKey(identity);
  const fixed = Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]);
  const blob = Buffer.concat([fixed, time, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)]);
  const proof = hmacMd5(key, serverChallenge, blob);
  return {
    nt: Buffer.concat([proof, blob]),
    lm: Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge]),
    sessionKey: hmacMd5(key, proof),
  };
}

export function hmacMd5(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const hmac = createHmac('md5', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** NTOWFv2. */
function responseKey({ domain, user, password }: NtlmIdentity): Buffer {
  return hmacMd5(md4(Buffer.from(password, 'utf16le')), Buffer.from(upperCase(user) + domain, 'utf16le'));
}

/** As Windows does it: a character at a time, so "ß" stays what it is. */
function upperCase(text: string): string {
  return Array.from(text, (character) => {
    const upper = character.toUpperCase();
    return upper.length === character.length ? upper : character;
  }).join('');
}
