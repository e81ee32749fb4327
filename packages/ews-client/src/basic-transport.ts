import { offeredSchemes } from './authentication-offer.ts';
import { discardBody } from './discard-body.ts';
import { EwsAuthError, EwsAuthUnsupportedError } from './ews-error.ts';
import type { HttpConnections } from './http-connections.ts';
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
    throw refusal(request, offeredSchemes(reply.headers['www-authenticate']));
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }
}

function refusal({ place }: TransportRequest, offered: readonly string[]): Error {
  if (offered.length === 0 || offered.some((scheme) => scheme.toLowerCase() === 'basic')) {
    const remedy = 'check login and password, and that the account is neither locked nor expired';
    return new EwsAuthError(`the server refused the login (401): ${remedy}`, place, {
      errorClass: 'auth',
      scope: 'account',
      httpStatus: 401,
    });
  }
  const remedy = 'enable Basic authentication over https on the EWS virtual directory';
  const message = `the server offers ${offered.join(', ')}; this build can serve Basic: ${remedy}`;
  return new EwsAuthUnsupportedError(message, place, { errorClass: 'config', scope: 'host', httpStatus: 401 });
}
