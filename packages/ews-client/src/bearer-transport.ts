import { offeredSchemes } from './authentication-offer.ts';
import { discardBody } from './discard-body.ts';
import type { HttpConnections } from './http-connections.ts';
import { type SignInGate, sendThrough } from './sign-in-gate.ts';
import { refusal } from './sign-in-refusal.ts';
import type { TokenSource } from './token-source.ts';
import type { EwsTransport, TransportReply, TransportRequest } from './transport.ts';

/** What Exchange's numbers in `x-ms-diagnostics` ask for (docs/reference/exchange.md §2.1). */
const remedies: Readonly<Record<string, string>> = {
  '2000002': 'the token has expired: check the clocks of Exchange and of the token endpoint',
  '2000003': 'the token is for another resource: check oauth.scope',
  '2000005': 'the application is not known to Exchange as a user: check its permissions there',
};
const usualRemedy =
  'check that the application may use EWS (full_access_as_app or ApplicationImpersonation) and that Exchange trusts the ' +
  'token endpoint';

/** Signs in with OAuth bearer tokens (RFC 6750). A refused token is replaced once, then the refusal counts. */
export class BearerTransport implements EwsTransport {
  readonly #connections: HttpConnections;
  readonly #tokens: TokenSource;
  readonly #gate: SignInGate;

  constructor(connections: HttpConnections, tokens: TokenSource, gate: SignInGate) {
    this.#connections = connections;
    this.#tokens = tokens;
    this.#gate = gate;
  }

  post(request: TransportRequest): Promise<TransportReply> {
    return sendThrough(this.#gate, request, () => this.#sendWithToken(request));
  }

  async close(): Promise<void> {
    await Promise.all([this.#connections.close(), this.#tokens.close()]);
  }

  async #sendWithToken(request: TransportRequest): Promise<TransportReply> {
    const first = await this.#tokens.token(request.place, request.signal);
    const reply = await this.#send(request, first);
    if (reply.status !== 401) return reply;
    await discardBody(reply.body);
    this.#tokens.reject(first);
    const second = await this.#tokens.token(request.place, request.signal);
    const again = await this.#send(request, second);
    if (again.status !== 401) return again;
    await discardBody(again.body);
    this.#tokens.reject(second);
    const offered = offeredSchemes(again.headers['www-authenticate']);
    throw refusal('Bearer', offered, request.place, remedyFor(again));
  }

  #send(request: TransportRequest, token: string): Promise<TransportReply> {
    return this.#connections.post(request, { authorization: `Bearer ${token}` });
  }
}

function remedyFor(reply: TransportReply): string {
  const diagnostics = [reply.headers['x-ms-diagnostics'] ?? []].flat().join(' ');
  const number = /\b20000\d\d\b/.exec(diagnostics)?.[0];
  return number === undefined ? usualRemedy : `${remedies[number] ?? usualRemedy} (x-ms-diagnostics ${number})`;
}
