import { once } from 'node:events';
import { request } from 'node:https';
import type { ServerCertificate } from './server-certificates.ts';

/** Sends one token to a server, as the client does. @returns the status of its answer and the token in it */
export async function sendToken(
  url: string,
  token: Buffer,
  { cert: ca }: ServerCertificate,
): Promise<{ status: number; answer: Buffer | null }> {
  const headers = { authorization: `Negotiate ${token.toString('base64')}`, 'content-length': 0 };
  const sent = request(url, { method: 'POST', ca, agent: false, headers });
  sent.end();
  const [reply] = await once(sent, 'response');
  reply.resume();
  await once(reply, 'end');
  const answer = /^Negotiate (.+)$/.exec(reply.headers['www-authenticate'] ?? '')?.[1];
  return { status: reply.statusCode, answer: answer === undefined ? null : Buffer.from(answer, 'base64') };
}
