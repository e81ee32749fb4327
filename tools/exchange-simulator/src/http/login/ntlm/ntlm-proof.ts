import { createCipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { md4 } from './md4.ts';

/** What a client sends to show that it knows a password, and to what challenge. */
export interface NtlmAnswer {
  readonly user: string;
  /** As the client wrote it: it goes into the hash. */
  readonly domain: string;
  readonly serverChallenge: Buffer;
  readonly ntResponse: Buffer;
  readonly lmResponse: Buffer;
  readonly extendedSession: boolean;
}

/** MS-NLMP §3.3.1, NTOWFv1. */
export function ntHash(password: string): Buffer {
  return md4(Buffer.from(password, 'utf16le'));
}

/**
 * Checks an NTLMv2 response (MS-NLMP §3.3.2).
 *
 * @returns the session base key; null when the password is another one
 */
export function checkVersion2(password: string, answer: NtlmAnswer): Buffer | null {
  if (answer.ntResponse.length <= 24) return null;
  const identity = Buffer.from(answer.user.toUpperCase() + answer.domain, 'utf16le');
  const key = hmacMd5(ntHash(password), identity);
  const proof = answer.ntResponse.subarray(0, 16);
  const expected = hmacMd5(key, answer.serverChallenge, answer.ntResponse.subarray(16));
  return timingSafeEqual(proof, expected) ? hmacMd5(key, proof) : null;
}

/** Checks an NTLMv1 response, with or without extended session security (MS-NLMP §3.3.1). */
export function checkVersion1(password: string, answer: NtlmAnswer): boolean {
  if (answer.ntResponse.length !== 24) return false;
  const challenge = answer.extendedSession
    ? createHash('md5').update(answer.serverChallenge).update(answer.lmResponse.subarray(0, 8)).digest().subarray(0, 8)
    : answer.serverChallenge;
  return timingSafeEqual(answer.ntResponse, desLong(ntHash(password), challenge));
}

export function hmacMd5(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const hmac = createHmac('md5', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** DESL of MS-NLMP §6: three DES keys from 16 bytes and five zeros. */
function desLong(hash: Buffer, challenge: Buffer): Buffer {
  const padded = Buffer.concat([hash, Buffer.alloc(5)]);
  return Buffer.concat([0, 7, 14].map((at) => des(padded.subarray(at, at + 7), challenge)));
}

/** Single DES, which OpenSSL 3 only has as triple DES with one key thrice. */
function des(key56: Buffer, block: Buffer): Buffer {
  const bits = BigInt(`0x${key56.toString('hex')}`);
  const key = Buffer.from(Array.from({ length: 8 }, (_, n) => Number((bits >> BigInt(49 - 7 * n)) & 0x7fn) << 1));
  const cipher = createCipheriv('des-ede3', Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

/** RC4, which OpenSSL 3 does not have by default: unwraps a client's exported session key. */
export function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, n) => n);
  const swap = (a: number, b: number): void => {
    [state[a], state[b]] = [state[b]!, state[a]!];
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 255;
    swap(i, j);
  }
  let [i, j] = [0, 0];
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) & 255;
      j = (j + state[i]!) & 255;
      swap(i, j);
      return byte ^ state[(state[i]! + state[j]!) & 255]!;
    }),
  );
}
