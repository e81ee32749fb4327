import { createHash, X509Certificate } from 'node:crypto';

/**
 * The MD5 of the channel-bindings structure for a server certificate (RFC 5929 §4 `tls-server-end-point`, MS-NLMP §3.1.5.1.2):
 * four empty fields, then the length of the application data and the data.
 *
 * @param pem the server's own certificate, or its chain with that one first
 */
export function channelHash(pem: string): Buffer {
  const { raw } = new X509Certificate(pem);
  const endPoint = createHash(hashOfSignature(raw)).update(raw).digest();
  const data = Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), endPoint]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash('md5').update(head).update(data).digest();
}

/** DER of the object identifiers of signatures, hex; those with MD5 and SHA-1 count as SHA-256 (RFC 5929 §4.1). */
const SIGNATURES: readonly (readonly [oid: string, hash: string])[] = [
  ['06092a864886f70d01010c', 'sha384'],
  ['06092a864886f70d01010d', 'sha512'],
  ['06082a8648ce3d040303', 'sha384'],
  ['06082a8648ce3d040304', 'sha512'],
];

/** The signature's algorithm stands behind the signed part: after its end the first of these that is found is it. */
function hashOfSignature(der: Buffer): string {
  const contentAt = (at: number) => at + 2 + (der[at + 1]! < 128 ? 0 : der[at + 1]! & 127);
  const lengthAt = (at: number) => {
    const first = der[at + 1]!;
    return first < 128 ? first : der.readUIntBE(at + 2, first & 127);
  };
  const signed = contentAt(0);
  const algorithm = contentAt(signed) + lengthAt(signed);
  const text = der.subarray(algorithm, contentAt(algorithm) + lengthAt(algorithm)).toString('hex');
  return SIGNATURES.find(([oid]) => text.includes(oid))?.[1] ?? 'sha256';
}
