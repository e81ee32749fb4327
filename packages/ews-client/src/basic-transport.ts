import { offeredSchemes } from './authentication-offer.ts';
import { discardBody } from './discard-body.ts';
import type { HttpConnections } from './http-connections.ts';
import { type SignInGate, sendThrough } from './sign-in-gate.ts';
import { refusal } from './sign-in-refusal.ts';
import type { EwsTransport, TransportReply, TransportRequest } from './transport.ts';

/** With what a transport signs in. */
export interface SignInAs {
  readonly login: string;
  readonly password: string;
  readonly gate: SignInGate;
}

/** Signs in with HTTP Basic (RFC 7617, UTF-8): the login goes to the server as written, whatever its form. */
export class BasicTransport implements EwsTransport {
  readonly #connections: HttpConnections;
  readonly #authorization: string;
  readonly #gate: SignInGate;

  constructor(connections: HttpConnections, { login, password, gate }: SignInAs) {
    this.#connections = connections;
    this.#gate = gate;
    this.#authorization = `Basic ${Buffer.from(`${login}:${password}`, 'utf8').toString('base64')}`;
  }

  post(request: TransportRequest): Promise<TransportReply> {
    return sendThrough(this.#gate, request, () => this.#send(request));
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #send(request: TransportRequest): Promise<TransportReply> {
    const reply = await this.#connections.post(request, { authorization: this.#authorization });
    if (reply.status !== 401) return reply;
    await discardBody(reply.body);
    const remedy = 'check login and password, and that the account is neither locked nor expired';
    throw refusal('Basic', offeredSchemes(reply.headers['www-authenticate']), request.place, remedy);
  }
}
