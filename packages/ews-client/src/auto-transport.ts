import { offeredSchemes } from './authentication-offer.ts';
import { discardBody } from './discard-body.ts';
import { EwsAuthUnsupportedError, EwsHttpError } from './ews-error.ts';
import type { HttpConnections } from './http-connections.ts';
import { isOffered, nothingToTake, type SignIn } from './sign-in-refusal.ts';
import type { EwsTransport, TransportReply, TransportRequest } from './transport.ts';

/** A way to sign in, and what does it. */
export type WayToSignIn = readonly [SignIn, EwsTransport];

/** Asks the server what it offers, without a login, and then signs in with the strongest of it. */
export class AutoTransport implements EwsTransport {
  readonly #connections: HttpConnections;
  readonly #ways: readonly WayToSignIn[];
  #chosen: EwsTransport | undefined;

  /** @param ways the strongest first */
  constructor(connections: HttpConnections, ways: readonly WayToSignIn[]) {
    this.#connections = connections;
    this.#ways = ways;
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
    const found = this.#ways.find(([way]) => isOffered(offered, way));
    if (found !== undefined) return found[1];
    if (offered.length > 0) {
      const taken = this.#ways.map(([way]) => way);
      throw nothingToTake(taken, offered, place);
    }
    const message = 'HTTP 401 without an offer how to sign in: a proxy may answer instead of Exchange';
    throw new EwsHttpError(message, place, { errorClass: 'transient', scope: 'host', httpStatus: 401 });
  }
}
