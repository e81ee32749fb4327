import { randomBytes } from 'node:crypto';
import { hmacMd5, type NtlmIdentity, ntlmv2Response } from './ntlmv2-response.ts';

// MS-NLMP §2.2.2.5. Without key exchange, signing and sealing: what follows is protected by TLS, if at all.
const unicode = 0x1;
const requestTarget = 0x4;
const ntlm = 0x200;
const alwaysSign = 0x8000;
const extendedSession = 0x80000;
const targetInfo = 0x800000;
const version = 0x2000000;
const key128 = 0x20000000;
const key56 = 0x80000000;
const wanted = unicode | requestTarget | ntlm | alwaysSign | extendedSession | targetInfo | version | key128 | key56;

// MS-NLMP §2.2.2.1.
const av = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const;
const micPresent = 0x2;

const signature = Buffer.from('NTLMSSP\0', 'ascii');
/** Windows 10, NTLM revision 15 (MS-NLMP §2.2.2.10); servers only log it. */
const ownVersion = Buffer.from([10, 0, 0, 0, 0, 0, 0, 15]);
const authenticateHead = 88;
const micAt = 72;

/** The server's challenge is not what it must be. */
export class NtlmChallengeError extends Error {
  readonly code = 'ntlm-bad-challenge';

  constructor(problem: string) {
    super(`the server's NTLM challenge ${problem}`);
    this.name = new.target.name;
  }
}

/** The first message (MS-NLMP §2.2.1.1): says what the client can do, and nothing of who it is. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(40);
  signature.copy(message);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(wanted >>> 0, 12);
  ownVersion.copy(message, 32);
  return message;
}

export interface NtlmLogin {
  readonly identity: NtlmIdentity;
  /** Host that is signed in to, for the name of its service. */
  readonly host: string;
  /** 16 bytes, see `channelBinding`; null without TLS. */
  readonly binding: Buffer | null;
}

/**
 * The third message (MS-NLMP §2.2.1.3): answers the challenge with NTLMv2, bound to the channel, with an integrity code
 * over all three messages when the server sends its time (MS-NLMP §3.1.5.1.2).
 * @throws NtlmChallengeError
 */
export function authenticateMessage(negotiate: Buffer, challenge: Buffer, login: NtlmLogin): Buffer {
  const { flags, serverChallenge, pairs } = readChallenge(challenge);
  const time = pairs.get(av.timestamp);
  const response = ntlmv2Response(login.identity, {
    serverChallenge,
    clientChallenge: randomBytes(8),
    time: time ?? fileTime(Date.now()),
    targetInfo: writePairs(answerPairs(pairs, login)),
  });
  const message = writeAuthenticate(flags, login.identity, {
    nt: response.nt,
    lm: time === undefined ? response.lm : Buffer.alloc(24),
  });
  if (time !== undefined) hmacMd5(response.sessionKey, negotiate, challenge, message).copy(message, micAt);
  return message;
}

function answerPairs(pairs: ReadonlyMap<number, Buffer>, { host, binding }: NtlmLogin): Map<number, Buffer> {
  const answer = new Map(pairs);
  if (pairs.has(av.timestamp)) {
    const given = pairs.get(av.flags);
    const flags = Buffer.alloc(4);
    flags.writeUInt32LE(((given?.length === 4 ? given.readUInt32LE() : 0) | micPresent) >>> 0);
    answer.set(av.flags, flags);
  }
  answer.set(av.channelBindings, binding ?? Buffer.alloc(16));
  answer.set(av.targetName, Buffer.from(`HTTP/${host}`, 'utf16le'));
  return answer;
}

interface Challenge {
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly pairs: ReadonlyMap<number, Buffer>;
}

function readChallenge(message: Buffer): Challenge {
  if (message.length < 48 || !message.subarray(0, 8).equals(signature) || message.readUInt32LE(8) !== 2) {
    throw new NtlmChallengeError('cannot be read');
  }
  const flags = message.readUInt32LE(20) >>> 0;
  if ((flags & unicode) === 0) throw new NtlmChallengeError('does not take Unicode');
  const [length, offset] = [message.readUInt16LE(40), message.readUInt32LE(44)];
  if (length === 0) throw new NtlmChallengeError('names no target, so it takes no NTLMv2');
  if (offset + length > message.length) throw new NtlmChallengeError('is cut short');
  const pairs = readPairs(message.subarray(offset, offset + length));
  return { flags, serverChallenge: message.subarray(24, 32), pairs };
}

function readPairs(bytes: Buffer): Map<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [id, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    if (id === av.end) return pairs;
    if (at + 4 + length > bytes.length) break;
    pairs.set(id, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  throw new NtlmChallengeError('has no end');
}

function writePairs(pairs: ReadonlyMap<number, Buffer>): Buffer {
  const parts = [...pairs, [av.end, Buffer.alloc(0)] as const].flatMap(([id, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return [head, value];
  });
  return Buffer.concat(parts);
}

function writeAuthenticate(
  serverFlags: number,
  { domain, user }: NtlmIdentity,
  { nt, lm }: { nt: Buffer; lm: Buffer },
): Buffer {
  const head = Buffer.alloc(authenticateHead);
  signature.copy(head);
  head.writeUInt32LE(3, 8);
  const payload: Buffer[] = [];
  let end = authenticateHead;
  const point = (at: number, value: Buffer): void => {
    head.writeUInt16LE(value.length, at);
    head.writeUInt16LE(value.length, at + 2);
    head.writeUInt32LE(end, at + 4);
    payload.push(value);
    end += value.length;
  };
  point(28, Buffer.from(domain, 'utf16le'));
  point(36, Buffer.from(user, 'utf16le'));
  // The workstation is nobody's business.
  point(44, Buffer.alloc(0));
  point(12, lm);
  point(20, nt);
  point(52, Buffer.alloc(0));
  head.writeUInt32LE((serverFlags & wanted) >>> 0, 60);
  ownVersion.copy(head, 64);
  return Buffer.concat([head, ...payload]);
}

function fileTime(unixMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(unixMs) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}
