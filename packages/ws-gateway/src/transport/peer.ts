import { BlockList, isIP } from 'node:net';

/** Who is at the other end of a connection, as far as the gateway may believe it. */
export interface Peer {
  /** IP address, compressed; that of the client itself where a trusted proxy told it. */
  readonly address: string;
  /** Nobody between can read along: TLS, this machine itself, or a trusted proxy that says https. */
  readonly secure: boolean;
}

/** What a connection brings along for finding out who its peer is. */
export interface PeerEvidence {
  /** Textual address of the other end of the TCP connection. */
  readonly remoteAddress: string;
  readonly forwardedFor: string;
  readonly forwardedProto: string;
  readonly tls: boolean;
}

/** Reads evidence about peers; a proxy is believed only when the configuration lists it. */
export class PeerReader {
  readonly #proxies = new BlockList();
  readonly #loopback = new BlockList();

  /** @param trustedProxies IP addresses or CIDR ranges */
  constructor(trustedProxies: readonly string[]) {
    for (const entry of trustedProxies) {
      const [address = '', prefix] = entry.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#proxies.addAddress(address, family);
      else this.#proxies.addSubnet(address, Number(prefix), family);
    }
    this.#loopback.addSubnet('127.0.0.0', 8, 'ipv4');
    this.#loopback.addAddress('::1', 'ipv6');
  }

  read(evidence: PeerEvidence): Peer {
    const direct = compressAddress(evidence.remoteAddress);
    if (!this.#has(this.#proxies, direct)) {
      return { address: direct, secure: evidence.tls || this.#has(this.#loopback, direct) };
    }
    // Each proxy appends whom it saw: the last entry that is no proxy of ours is the client (RFC 7239 §5.2's rule).
    const chain = evidence.forwardedFor.split(',').map((entry) => compressAddress(entry.trim()));
    const address = chain.findLast((entry) => isIP(entry) !== 0 && !this.#has(this.#proxies, entry)) ?? direct;
    const proto = evidence.forwardedProto.split(',').at(-1)?.trim().toLowerCase();
    return { address, secure: proto === 'https' };
  }

  #has(list: BlockList, address: string): boolean {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** One spelling per address: IPv6 compressed, IPv4 inside IPv6 as IPv4. */
export function compressAddress(text: string): string {
  if (isIP(text) !== 6) return text;
  const compressed = new URL(`http://[${text.replace(/%.*$/u, '')}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/u.exec(compressed);
  if (mapped === null) return compressed;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** What is counted for an address: an IPv6 client has a whole /64 network to itself (RFC 6177). */
export function countedNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === '' ? [] : tail.split(':');
  if (address.includes('::')) {
    while (groups.length + behind.length < 8) groups.push('0');
  }
  return `${[...groups, ...behind].slice(0, 4).join(':')}::/64`;
}
