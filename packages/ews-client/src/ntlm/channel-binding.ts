import { createHash } from 'node:crypto';
import { serverEndPoint } from '../server-end-point.ts';

/**
 * What binds an NTLM login to the TLS connection that it travels over: the MD5 of the channel-bindings structure
 * (RFC 2744 §3.11, MS-NLMP §3.1.5.1.2) around the server's certificate.
 *
 * @param certificate the server's, DER
 */
export function channelBinding(certificate: Buffer): Buffer {
  const data = serverEndPoint(certificate);
  // Neither side gives an address: both types and both lengths are 0.
  const structure = Buffer.alloc(20);
  structure.writeUInt32LE(data.length, 16);
  return createHash('md5').update(structure).update(data).digest();
}
