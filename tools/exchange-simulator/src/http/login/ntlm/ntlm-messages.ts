/** Flags of MS-NLMP §2.2.2.5. */
export const FLAG = {
  unicode: 0x1,
  requestTarget: 0x4,
  sign: 0x10,
  seal: 0x20,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  targetTypeDomain: 0x10000,
  extendedSession: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  key128: 0x20000000,
  keyExchange: 0x40000000,
  key56: 0x80000000,
} as const;

/** Ids of AV pairs, MS-NLMP §2.2.2.1. */
export const AV = {
  end: 0,
  computerName: 1,
  domainName: 2,
  dnsComputerName: 3,
  dnsDomainName: 4,
  flags: 6,
  timestamp: 7,
  channelBindings: 10,
} as const;

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');

/** A message that is no NTLM, or not the one that was due. */
export class NtlmFormatError extends Error {
  readonly code = 'ntlm-format';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The number of an NTLM message: 1 NEGOTIATE, 2 CHALLENGE, 3 AUTHENTICATE. @throws NtlmFormatError */
export function messageType(message: Buffer): number {
  if (message.length < 16 || !message.subarray(0, 8).equals(SIGNATURE)) {
    throw new NtlmFormatError('This is no NTLM message.');
  }
  return message.readUInt32LE(8);
}

/** The flags of a NEGOTIATE message. */
export function negotiateFlags(message: Buffer): number {
  return message.readUInt32LE(12) >>> 0;
}

/** Writes a CHALLENGE message, MS-NLMP §2.2.1.2. */
export function writeChallenge(flags: number, challenge: Buffer, target: string, targetInfo: Buffer): Buffer {
  const name = Buffer.from(target, 'utf16le');
  const head = Buffer.alloc(56);
  SIGNATURE.copy(head);
  head.writeUInt32LE(2, 8);
  head.writeUInt16LE(name.length, 12);
  head.writeUInt16LE(name.length, 14);
  head.writeUInt32LE(56, 16);
  head.writeUInt32LE(flags >>> 0, 20);
  challenge.copy(head, 24);
  head.writeUInt16LE(targetInfo.length, 40);
  head.writeUInt16LE(targetInfo.length, 42);
  head.writeUInt32LE(56 + name.length, 44);
  // Version 10.0.17763, NTLM revision 15: Windows Server 2019.
  Buffer.from([10, 0, 0x63, 0x45, 0, 0, 0, 15]).copy(head, 48);
  return Buffer.concat([head, name, targetInfo]);
}

export function writeAvPairs(pairs: readonly (readonly [id: number, value: Buffer])[]): Buffer {
  return Buffer.concat(
    [...pairs, [AV.end, Buffer.alloc(0)] as const].flatMap(([id, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(value.length, 2);
      return [head, value];
    }),
  );
}

/** @throws NtlmFormatError */
function readAvPairs(bytes: Buffer): Map<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [id, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    if (id === AV.end) return pairs;
    if (at + 4 + length > bytes.length) break;
    pairs.set(id, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  throw new NtlmFormatError('The AV pairs of the response have no end.');
}

/** An AUTHENTICATE message, MS-NLMP §2.2.1.3. */
export interface Authenticate {
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  readonly lmResponse: Buffer;
  readonly ntResponse: Buffer;
  readonly sessionKey: Buffer;
  /** The AV pairs that the client put into its NTLMv2 response; empty for NTLMv1. */
  readonly pairs: ReadonlyMap<number, Buffer>;
  /** Zero bytes and all when the client sent none. */
  readonly mic: Buffer;
  /** The message with its MIC zeroed, as the MIC counts it. */
  readonly withoutMic: Buffer;
}

const MIC_AT = 72;

/** @throws NtlmFormatError */
export function readAuthenticate(message: Buffer): Authenticate {
  if (message.length < 64) throw new NtlmFormatError('The AUTHENTICATE message is too short.');
  const field = (at: number): Buffer => {
    const [length, offset] = [message.readUInt16LE(at), message.readUInt32LE(at + 4)];
    if (length > 0 && offset + length > message.length) {
      throw new NtlmFormatError('A field of the AUTHENTICATE message is outside of it.');
    }
    return message.subarray(offset, offset + length);
  };
  const flags = message.readUInt32LE(60) >>> 0;
  const text = (at: number) => field(at).toString((flags & FLAG.unicode) === 0 ? 'latin1' : 'utf16le');
  const ntResponse = field(20);
  const withoutMic = Buffer.from(message);
  withoutMic.fill(0, MIC_AT, MIC_AT + 16);
  return {
    flags,
    domain: text(28),
    user: text(36),
    lmResponse: field(12),
    ntResponse,
    sessionKey: field(52),
    pairs: ntResponse.length > 44 ? readAvPairs(ntResponse.subarray(44)) : new Map(),
    mic: message.subarray(MIC_AT, MIC_AT + 16),
    withoutMic,
  };
}
