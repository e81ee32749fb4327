import type { TransportReply } from '../transport.ts';

/** The library refuses longer ones, and so do Exchange's own front ends. */
const mostBytes = 65_536;

/** The token of a `WWW-Authenticate: Negotiate` header; null when there is none, or none that can be one. */
export function negotiateToken(headers: TransportReply['headers']): Buffer | null {
  for (const line of [headers['www-authenticate'] ?? []].flat()) {
    const text = /^\s*Negotiate\s+([A-Za-z0-9+/]+={0,2})\s*(?:,|$)/i.exec(line)?.[1];
    if (text === undefined) continue;
    const token = Buffer.from(text, 'base64');
    if (token.length > 0 && token.length <= mostBytes) return token;
  }
  return null;
}
