import { createHash, X509Certificate } from 'node:crypto';
import type { ServerCertificate } from './server-certificates.ts';

/** The application data of channel bindings to a certificate that is signed with SHA-256 (RFC 5929 §4.1). */
export function endPointOf({ cert }: ServerCertificate): Buffer {
  const { raw } = new X509Certificate(cert);
  return Buffer.concat([Buffer.from('tls-server-end-point:'), createHash('sha256').update(raw).digest()]);
}
