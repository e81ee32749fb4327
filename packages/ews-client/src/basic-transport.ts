import { offeredSchemes } from './authentication-offer.ts';
import { discardBody } from './discard-body.ts';
import type { HttpConnections } from './http-connections.ts';
import { refusal } from './sign-in-refusal.ts';
import type { EwsTransport, TransportReply, TransportRequest } from './transport.ts';

/** Signs in with HTTP Basic (RFC 7617, UTF-8): the login goes to the server as written, whatever its form. */
export class BasicTransport implements EwsTransport {
  readonly #connections: HttpConnections;
  readonly #authorization: string;

  constructor(connections: HttpConnections, login: string, password: string) {
    this.#connections = connections;
    this.#authorization = `Basic ${Buffer.from(`${login}:${password}`, 'utf8').toString('base64')}`;
  }

  async post(request: TransportRequest): Promise<TransportReply> {
    const reply = await this.#connections.post(request, { authorization: this.#authorization });
    if (reply.status !== 401) return reply;
    await discardBody(reply.body);
    const remedy = 'check login and password, and that the account is neither locked nor expired';
    throw refusal('Basic', offeredSchemes(reply.headers['www-authenticate']), request.place, remedy);
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }
}
