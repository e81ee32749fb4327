import { createHash } from 'node:crypto';

/**
 * What names a TLS channel by the certificate of its server, so that a login can be bound to it and nobody in between can pass
 * it on: the application data of channel bindings of the type `tls-server-end-point` (RFC 5929 §4).
 *
 * @param certificate the server's, DER
 */
export function serverEndPoint(certificate: Buffer): Buffer {
  const hash = createHash(endPointHash(certificate)).update(certificate).digest();
  return Buffer.concat([Buffer.from('tls-server-end-point:', 'ascii'), hash]);
}

/** The hash of the certificate's own signature, but SHA-256 for MD5, SHA-1 and whatever names none (RFC 5929 §4.1). */
function endPointHash(certificate: Buffer): 'sha256' | 'sha384' | 'sha512' {
  const signed = element(element(certificate, 0).content, 0);
  const algorithm = element(element(certificate, 0).content, signed.end);
  const identifier = element(algorithm.content, 0);
  const oid = identifier.content.toString('hex');
  // RSASSA-PSS names its hash in the parameters.
  const named = oid === '2a864886f70d01010a' ? algorithm.content.subarray(identifier.end).toString('hex') : oid;
  if (/^2a864886f70d01010c$|^2a8648ce3d040303$|0609608648016503040202/.test(named)) return 'sha384';
  if (/^2a864886f70d01010d$|^2a8648ce3d040304$|0609608648016503040203/.test(named)) return 'sha512';
  return 'sha256';
}

/** One DER element: its content, and where the next one begins. */
function element(bytes: Buffer, at: number): { content: Buffer; end: number } {
  const first = bytes[at + 1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, Math.min(6, lengthBytes));
  const start = at + 2 + lengthBytes;
  return { content: bytes.subarray(start, start + length), end: start + length };
}
