import { offeredSchemes } from './authentication-offer.ts';
import { discardBody } from './discard-body.ts';
import { EwsAuthUnsupportedError, EwsHttpError } from './ews-error.ts';
import type { HttpConnections } from './http-connections.ts';
import { isOffered, nothingToTake } from './sign-in-refusal.ts';
import type { EwsTransport, TransportReply, TransportRequest } from './transport.ts';

/** Asks the server what it offers, without a login, and then signs in with the strongest of it. */
export class AutoTransport implements EwsTransport {
  readonly #connections: HttpConnections;
  readonly #ntlm: EwsTransport;
  readonly #basic: EwsTransport;
  #chosen: EwsTransport | undefined;

  constructor(connections: HttpConnections, ntlm: EwsTransport, basic: EwsTransport) {
    this.#connections = connections;
    this.#ntlm = ntlm;
    this.#basic = basic;
  }

  async post(request: TransportRequest): Promise<TransportReply> {
    if (this.#chosen === undefined) {
      const answer = await this.#connections.post({ ...request, body: '', dedicated: false }, {});
      // A server that is down or redirects says so before it asks who is there.
      if (answer.status !== 401) return answer;
      await discardBody(answer.body);
      this.#chosen = this.#choose(answer, request);
    }
    try {
      return await this.#chosen.post(request);
    } catch (failure) {
      // The server was set up anew: the next call asks again.
      if (failure instanceof EwsAuthUnsupportedError) this.#chosen = undefined;
      throw failure;
    }
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  #choose(answer: TransportReply, { place }: TransportRequest): EwsTransport {
    const offered = offeredSchemes(answer.headers['www-authenticate']);
    if (isOffered(offered, 'NTLM')) return this.#ntlm;
    if (isOffered(offered, 'Basic')) return this.#basic;
    if (offered.length > 0) throw nothingToTake(offered, place);
    const message = 'HTTP 401 without an offer how to sign in: a proxy may answer instead of Exchange';
    throw new EwsHttpError(message, place, { errorClass: 'transient', scope: 'host', httpStatus: 401 });
  }
}
