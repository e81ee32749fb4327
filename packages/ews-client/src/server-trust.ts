import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** How a server proves who it is. Its certificate is always checked; nothing here makes the check weaker. */
export interface ServerTrust {
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** SHA-256 of certificates or of their public keys: the server's must be one of them, besides being trusted. */
  readonly pins?: readonly Buffer[] | undefined;
  /** Default TLSv1.2. */
  readonly minVersion?: TlsVersion | undefined;
}

const connectTimeoutMs = 20_000;

/** Opens TCP or TLS connections whose server is checked; each anew, so no session of an earlier one is resumed. */
export function trustingConnector({ ca, pins, minVersion = 'TLSv1.2' }: ServerTrust): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    maxCachedSessions: 0,
    minVersion,
    // OpenSSL 3 holds what TLS 1.0 and 1.1 sign with for too weak, even where they are allowed.
    ...(minVersion === 'TLSv1' || minVersion === 'TLSv1.1' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
    ...(ca === undefined ? {} : { ca }),
  });
  if (pins === undefined || pins.length === 0) return connect;
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      // The connector leaves the socket out of a failure.
      if (error !== null) return callback(error, null);
      const found = socket instanceof TLSSocket ? fingerprints(socket.getPeerCertificate().raw) : [];
      if (found.some((one) => pins.some((pin) => timingSafeEqual(pin, one)))) return callback(null, socket);
      socket.destroy();
      callback(new PinMismatchError(found[0]), null);
    });
}

/** SHA-256 of a certificate (DER) and of its public key (SPKI, DER). */
function fingerprints(certificate: Buffer): [Buffer, Buffer] {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  const sha256 = (data: Buffer) => createHash('sha256').update(data).digest();
  return [sha256(certificate), sha256(key)];
}

/**
 * Reads a pin: the SHA-256 of a certificate in hex, colons allowed (as `openssl x509 -fingerprint -sha256` prints it), or of
 * a public key in base64 (as `curl --pinnedpubkey` takes it, its `sha256//` included); either may stand in either form.
 *
 * @returns 32 bytes; null when it is none
 */
export function readPin(text: string): Buffer | null {
  const bare = text.trim().replace(/^sha256(?:[:=]|\/{1,2})/i, '');
  const digits = bare.replaceAll(':', '');
  if (/^[0-9a-f]{64}$/i.test(digits)) return Buffer.from(digits, 'hex');
  return /^[A-Za-z0-9+/]{43}=$/.test(bare) ? Buffer.from(bare, 'base64') : null;
}

/** The server's certificate is trusted, but is none of the pinned ones. */
export class PinMismatchError extends Error {
  readonly code = 'EWS_PIN_MISMATCH';
  /** Of the certificate that the server showed, SHA-256 in hex; empty without TLS. */
  readonly found: string;

  constructor(found: Buffer | undefined) {
    super('the certificate is none of the pinned ones');
    this.name = new.target.name;
    this.found = found?.toString('hex') ?? '';
  }
}
