import type { CannedAnswer, SeenRequest } from './canned-exchange.ts';

/** A CHALLENGE message with these AV pairs of a server that sends no time. */
function challengeMessage(pairs = Buffer.from('02000c0044006f006d00610069006e0000000000', 'hex')): Buffer {
  const head = Buffer.alloc(48);
  head.write('NTLMSSP\0', 'ascii');
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(0x00888201, 20);
  head.write('0123456789abcdef', 24, 'hex');
  head.writeUInt16LE(pairs.length, 40);
  head.writeUInt16LE(pairs.length, 42);
  head.writeUInt32LE(48, 44);
  return Buffer.concat([head, pairs]);
}

/**
 * Answers as a server that knows which sockets are logged in and refuses any mix-up. It believes every third message: what
 * they hold is proven against the Exchange simulator.
 */
export class NtlmSockets {
  readonly #steps = new Map<number, 'challenged' | 'in'>();
  logins = 0;
  refusals = 0;
  /** Refuse the third message. */
  refuse = false;

  answer({ headers, port }: SeenRequest, body: string): CannedAnswer {
    const type = messageType(headers.authorization);
    const step = this.#steps.get(port);
    if (type === 0 && step === 'in') return { body };
    if (type === 1) {
      this.#steps.set(port, 'challenged');
      return { status: 401, headers: { 'www-authenticate': `NTLM ${challengeMessage().toString('base64')}` } };
    }
    if (type === 3 && step === 'challenged' && !this.refuse) {
      this.#steps.set(port, 'in');
      this.logins++;
      return { body };
    }
    this.#steps.delete(port);
    this.refusals++;
    return { status: 401, headers: { 'www-authenticate': ['Negotiate', 'NTLM'] } };
  }

  /** Forgets all logins, as a server that was restarted behind a balancer does. */
  forget(): void {
    this.#steps.clear();
  }
}

function messageType(authorization: string | undefined): number {
  const token = /^NTLM (.+)$/.exec(authorization ?? '')?.[1];
  return token === undefined ? 0 : Buffer.from(token, 'base64').readUInt32LE(8);
}
