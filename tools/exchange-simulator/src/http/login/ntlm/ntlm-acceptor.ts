import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SimulatorSettings } from '../../../settings.ts';
import type { Account } from '../../../store/account.ts';
import type { AccountGuard } from '../account-guard.ts';
import {
  type Authenticate,
  AV,
  FLAG,
  messageType,
  NtlmFormatError,
  negotiateFlags,
  readAuthenticate,
  writeAvPairs,
  writeChallenge,
} from './ntlm-messages.ts';
import { checkVersion1, checkVersion2, hmacMd5, type NtlmAnswer, rc4 } from './ntlm-proof.ts';

/** Where the login of one connection stands. */
interface Handshake {
  readonly negotiate: Buffer;
  readonly challenge: Buffer;
  readonly serverChallenge: Buffer;
}

/** How a message was taken. */
export type NtlmStep =
  | { readonly kind: 'challenge'; readonly token: string }
  | { readonly kind: 'accepted'; readonly account: Account }
  | { readonly kind: 'refused'; readonly account: Account | undefined };

const OWN_FLAGS =
  FLAG.unicode |
  FLAG.requestTarget |
  FLAG.ntlm |
  FLAG.alwaysSign |
  FLAG.targetTypeDomain |
  FLAG.extendedSession |
  FLAG.targetInfo |
  FLAG.version;
const NEGOTIABLE = FLAG.sign | FLAG.seal | FLAG.key128 | FLAG.keyExchange | FLAG.key56;
const NO_BINDING = Buffer.alloc(16);
const MIC_PRESENT = 0x2;

/**
 * The server's side of NTLM over HTTP (MS-NTHT, MS-NLMP): three messages on one connection, which is logged in from then
 * on. What belongs to a connection is kept with its socket.
 */
export class NtlmAcceptor {
  readonly #guard: AccountGuard;
  readonly #settings: SimulatorSettings;
  readonly #channelHash: Buffer | null;
  #handshakes = new WeakMap<Socket, Handshake>();
  #loggedIn = new WeakMap<Socket, Account>();

  /** @param channelHash of the server's certificate; null without TLS */
  constructor(guard: AccountGuard, settings: SimulatorSettings, channelHash: Buffer | null) {
    this.#guard = guard;
    this.#settings = settings;
    this.#channelHash = channelHash;
  }

  /** The account that this connection is logged in with. */
  accountOf(socket: Socket): Account | undefined {
    return this.#loggedIn.get(socket);
  }

  /** Another request came on this connection: a handshake under way there is over. */
  interrupt(socket: Socket): void {
    this.#handshakes.delete(socket);
  }

  /** Forgets all connections. */
  reset(): void {
    this.#handshakes = new WeakMap();
    this.#loggedIn = new WeakMap();
  }

  /** Takes a message of an Authorization header, base64. */
  take(socket: Socket, token: string): NtlmStep {
    this.#loggedIn.delete(socket);
    const handshake = this.#handshakes.get(socket);
    this.#handshakes.delete(socket);
    try {
      const message = Buffer.from(token, 'base64');
      const type = messageType(message);
      if (type === 1) return this.#challenge(socket, message);
      if (type !== 3 || handshake === undefined) return { kind: 'refused', account: undefined };
      return this.#authenticate(socket, handshake, readAuthenticate(message));
    } catch (error) {
      if (error instanceof NtlmFormatError) return { kind: 'refused', account: undefined };
      throw error;
    }
  }

  #challenge(socket: Socket, negotiate: Buffer): NtlmStep {
    const flags = OWN_FLAGS | (negotiateFlags(negotiate) & NEGOTIABLE);
    const serverChallenge = randomBytes(8);
    const text = (value: string) => Buffer.from(value, 'utf16le');
    const pairs = writeAvPairs([
      [AV.domainName, text('CORP')],
      [AV.computerName, text('EXCHANGE')],
      [AV.dnsDomainName, text('corp.example')],
      [AV.dnsComputerName, text('exchange.corp.example')],
      [AV.timestamp, fileTime(Date.now())],
    ]);
    const challenge = writeChallenge(flags, serverChallenge, 'CORP', pairs);
    this.#handshakes.set(socket, { negotiate, challenge, serverChallenge });
    return { kind: 'challenge', token: challenge.toString('base64') };
  }

  #authenticate(socket: Socket, handshake: Handshake, given: Authenticate): NtlmStep {
    const account = this.#guard.find(given.domain === '' ? given.user : `${given.domain}\\${given.user}`);
    if (account === undefined) return { kind: 'refused', account };
    const answer: NtlmAnswer = {
      user: given.user,
      domain: given.domain,
      serverChallenge: handshake.serverChallenge,
      ntResponse: given.ntResponse,
      lmResponse: given.lmResponse,
      extendedSession: (given.flags & FLAG.extendedSession) !== 0,
    };
    // A refused kind of response says nothing about the password, so it is no wrong one either.
    if (given.ntResponse.length === 24 && !this.#settings.ntlmV1) return { kind: 'refused', account };
    let key: Buffer | null = null;
    const admitted = this.#guard.admit(account, () => {
      key = checkVersion2(account.password, answer);
      return key !== null || (this.#settings.ntlmV1 && checkVersion1(account.password, answer));
    });
    if (!admitted || !this.#isBound(given) || !micHolds(handshake, given, key)) return { kind: 'refused', account };
    this.#loggedIn.set(socket, account);
    return { kind: 'accepted', account };
  }

  /** Extended Protection: whether the response was made for this very TLS connection. */
  #isBound({ pairs }: Authenticate): boolean {
    const { extendedProtection } = this.#settings;
    if (extendedProtection === 'none') return true;
    const binding = pairs.get(AV.channelBindings);
    if (binding === undefined || binding.equals(NO_BINDING)) return extendedProtection === 'allow';
    if (this.#channelHash === null) return extendedProtection === 'allow';
    return binding.length === 16 && timingSafeEqual(binding, this.#channelHash);
  }
}

/** The integrity code over all three messages, when the client says that it sent one. */
function micHolds(handshake: Handshake, given: Authenticate, baseKey: Buffer | null): boolean {
  const flags = given.pairs.get(AV.flags);
  if (flags === undefined || flags.length !== 4 || (flags.readUInt32LE() & MIC_PRESENT) === 0) return true;
  if (baseKey === null) return false;
  const exchanged = (given.flags & FLAG.keyExchange) !== 0 && (given.flags & (FLAG.sign | FLAG.seal)) !== 0;
  const key = exchanged ? rc4(baseKey, given.sessionKey) : baseKey;
  return hmacMd5(key, handshake.negotiate, handshake.challenge, given.withoutMic).equals(given.mic);
}

/** Hundreds of nanoseconds since 1601. */
function fileTime(unixMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(unixMs) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}
