import { type GssapiContext, type GssapiCredential, GssapiError, type GssapiStep } from 'gssapi';
import { offeredSchemes } from '../authentication-offer.ts';
import type { SignInConnection } from '../connection-bound-transport.ts';
import { discardBody } from '../discard-body.ts';
import { EwsAuthError } from '../ews-error.ts';
import type { AddedHeaders } from '../http-exchange.ts';
import { type HttpSocket, SocketSpentError } from '../http-socket.ts';
import { serverEndPoint } from '../server-end-point.ts';
import { type SignInGate, sendThrough } from '../sign-in-gate.ts';
import { refusal } from '../sign-in-refusal.ts';
import type { TransportReply, TransportRequest } from '../transport.ts';
import { EwsKerberosClockError, EwsKerberosKdcError, EwsKerberosServerError } from './kerberos-errors.ts';
import { type KerberosNames, kerberosError } from './kerberos-failure.ts';
import { negotiateToken } from './negotiate-token.ts';
import type { TicketSource } from './ticket-source.ts';

const remedy =
  'check that the SPN belongs to the account that Exchange runs as, that the clocks agree, and, where Extended Protection is ' +
  'required, that nothing between here and Exchange has a certificate of its own';
/** One is usual, two where the server wants another mechanism of SPNEGO first. */
const mostLegs = 4;

export interface KerberosLogin {
  readonly names: KerberosNames;
  readonly tickets: TicketSource;
  readonly gate: SignInGate;
}

/** A server did not take a token; `failure` is what its answer says, if anything. */
interface Refused {
  readonly reply: TransportReply;
  readonly failure: GssapiError | null;
}

/**
 * One socket to a server that takes Negotiate (RFC 4559). A token goes with each request, which is right for servers that
 * authenticate requests and for those that authenticate connections; only one that says `Persistent-Auth: true` is sent none
 * until it asks again.
 */
export class NegotiateConnection implements SignInConnection {
  readonly #socket: HttpSocket;
  readonly #login: KerberosLogin;
  #isKept = false;

  constructor(socket: HttpSocket, login: KerberosLogin) {
    this.#socket = socket;
    this.#login = login;
  }

  get isUsable(): boolean {
    return this.#socket.isUsable;
  }

  /**
   * @throws EwsAuthError, EwsAuthUnsupportedError, EwsKerberosError; SocketSpentError when the socket closed before the request
   * was sent
   */
  async post(request: TransportRequest): Promise<TransportReply> {
    if (this.#isKept) {
      const reply = await this.#socket.post(request, {});
      if (reply.status !== 401) return reply;
      this.#isKept = false;
      await discardBody(reply.body);
    }
    // The certificate that the tokens are bound to is known once the socket is open.
    await this.#socket.open(request);
    return sendThrough(this.#login.gate, request, () => this.#signIn(request), 'ticket');
  }

  async destroy(): Promise<void> {
    await this.#socket.destroy();
  }

  async #signIn(request: TransportRequest): Promise<TransportReply> {
    const first = await this.#withTickets(request);
    if (!('reply' in first)) return first;
    const refused = this.#refusal(first, request);
    // New tickets change nothing about a clock, nor about a server that takes no tickets.
    if (!(refused instanceof EwsAuthError)) throw refused;
    // The service's key may have changed since its ticket was made.
    let second: TransportReply | Refused;
    try {
      second = await this.#withTickets(request);
    } catch (failure) {
      if (failure instanceof SocketSpentError) throw refused;
      throw failure;
    }
    if ('reply' in second) throw this.#refusal(second, request);
    return second;
  }

  async #withTickets(request: TransportRequest, mayRenew = true): Promise<TransportReply | Refused> {
    const { tickets, names } = this.#login;
    const credential = await tickets.credential(request.place, request.signal);
    try {
      const answer = await this.#attempt(request, credential);
      if ('reply' in answer) tickets.reject(credential);
      return answer;
    } catch (failure) {
      if (!(failure instanceof GssapiError)) throw failure;
      const error = kerberosError(failure, names, request.place);
      if (error instanceof EwsKerberosKdcError) throw error;
      tickets.reject(credential);
      // The machine may have slept for longer than its tickets lasted.
      if (mayRenew && failure.symbol === 'KRB5KRB_AP_ERR_TKT_EXPIRED') return this.#withTickets(request, false);
      throw error;
    }
  }

  async #attempt(request: TransportRequest, credential: GssapiCredential): Promise<TransportReply | Refused> {
    const certificate = this.#socket.serverCertificate;
    const bindings = certificate === null ? null : serverEndPoint(certificate);
    const context = credential.begin(this.#login.names.service, bindings);
    let step = await context.step(null, request.signal);
    for (let leg = 1; ; leg++) {
      const reply = await this.#socket.post(request, authorization(step));
      const answer = negotiateToken(reply.headers);
      if (reply.status !== 401) {
        if (answer !== null && !step.complete) await this.#verify(context, answer, reply, request);
        this.#isKept = /^true$/i.test(String(reply.headers['persistent-auth'] ?? ''));
        return reply;
      }
      await discardBody(reply.body);
      if (answer === null || step.complete || leg === mostLegs) return { reply, failure: null };
      try {
        step = await context.step(answer, request.signal);
      } catch (failure) {
        if (!(failure instanceof GssapiError)) throw failure;
        return { reply, failure };
      }
      if (step.token === null) return { reply, failure: null };
    }
  }

  /** The server's proof that it could read the ticket. */
  async #verify(
    context: GssapiContext,
    answer: Buffer,
    reply: TransportReply,
    request: TransportRequest,
  ): Promise<void> {
    let problem = 'is not the end of the sign-in';
    try {
      if ((await context.step(answer, request.signal)).complete) return;
    } catch (failure) {
      if (!(failure instanceof GssapiError)) throw failure;
      problem = `cannot be verified (${failure.message})`;
    }
    await discardBody(reply.body);
    const message = `the server's Kerberos token ${problem}: something else than Exchange may have answered, check proxies and the SPN's account`;
    throw new EwsKerberosServerError(message, request.place, {
      errorClass: 'config',
      scope: 'host',
      httpStatus: reply.status,
    });
  }

  #refusal({ reply, failure }: Refused, { place }: TransportRequest): Error {
    const told = failure === null ? null : kerberosError(failure, this.#login.names, place);
    if (told instanceof EwsKerberosClockError) return told;
    const reason = failure === null || failure.symbol === '' ? '' : `it says ${failure.symbol}; `;
    return refusal('Negotiate', offeredSchemes(reply.headers['www-authenticate']), place, reason + remedy);
  }
}

function authorization({ token }: GssapiStep): AddedHeaders {
  return token === null ? {} : { authorization: `Negotiate ${token.toString('base64')}` };
}
