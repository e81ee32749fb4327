import { offeredSchemes } from './authentication-offer.ts';
import { discardBody } from './discard-body.ts';
import { EwsAuthUnsupportedError, type EwsCallPlace } from './ews-error.ts';
import type { AddedHeaders } from './http-exchange.ts';
import type { HttpSocket } from './http-socket.ts';
import { channelBinding } from './ntlm/channel-binding.ts';
import { authenticateMessage, NtlmChallengeError, negotiateMessage } from './ntlm/ntlm-messages.ts';
import type { NtlmIdentity } from './ntlm/ntlmv2-response.ts';
import { type SignInGate, sendThrough } from './sign-in-gate.ts';
import { isOffered, notOffered, refusal } from './sign-in-refusal.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

const remedy =
  'check login and password, that the account is neither locked nor expired, and, where Extended Protection is ' +
  'required, that nothing between here and Exchange has a certificate of its own';

export interface NtlmLogin {
  readonly identity: NtlmIdentity;
  readonly gate: SignInGate;
  /** The server's name, without port. */
  readonly host: string;
}

/**
 * One socket and its NTLM login (MS-NTHT): three messages, then none, for the server knows the socket. Takes one request
 * after another.
 */
export class NtlmConnection {
  readonly #socket: HttpSocket;
  readonly #login: NtlmLogin;
  #signedIn = false;

  constructor(socket: HttpSocket, login: NtlmLogin) {
    this.#socket = socket;
    this.#login = login;
  }

  get isUsable(): boolean {
    return this.#socket.isUsable;
  }

  /**
   * Sends a request, signing in before it when this socket is not, or when the server has forgotten it.
   * @throws EwsAuthError, EwsAuthUnsupportedError; SocketSpentError when the socket closed before the request was sent
   */
  async post(request: TransportRequest): Promise<TransportReply> {
    if (!this.#signedIn) return this.#signIn(request);
    const reply = await this.#socket.post(request, {});
    if (reply.status !== 401) return reply;
    this.#signedIn = false;
    await discardBody(reply.body);
    return this.#signIn(request);
  }

  async destroy(): Promise<void> {
    await this.#socket.destroy();
  }

  async #signIn(request: TransportRequest): Promise<TransportReply> {
    const negotiate = negotiateMessage();
    const first = await this.#socket.post({ ...request, body: '' }, authorization(negotiate));
    // A server that is down or redirects says so before it asks who is there.
    if (first.status !== 401) return first;
    await discardBody(first.body);
    const challenge = challengeOf(first, request.place);
    const answer = authorization(this.#answer(negotiate, challenge, request.place));
    return sendThrough(this.#login.gate, request, () => this.#sendAnswer(request, answer));
  }

  async #sendAnswer(request: TransportRequest, answer: AddedHeaders): Promise<TransportReply> {
    const reply = await this.#socket.post(request, answer);
    if (reply.status !== 401) {
      this.#signedIn = true;
      return reply;
    }
    await discardBody(reply.body);
    throw refusal('NTLM', offeredSchemes(reply.headers['www-authenticate']), request.place, remedy);
  }

  #answer(negotiate: Buffer, challenge: Buffer, place: EwsCallPlace): Buffer {
    const certificate = this.#socket.serverCertificate;
    const { identity, host } = this.#login;
    const binding = certificate === null ? null : channelBinding(certificate);
    try {
      return authenticateMessage(negotiate, challenge, { identity, host, binding });
    } catch (failure) {
      if (!(failure instanceof NtlmChallengeError)) throw failure;
      throw unusable(`${failure.message}: only NTLMv2 is spoken here`, place);
    }
  }
}

function authorization(message: Buffer): AddedHeaders {
  return { authorization: `NTLM ${message.toString('base64')}` };
}

function challengeOf(reply: TransportReply, place: EwsCallPlace): Buffer {
  const header = reply.headers['www-authenticate'];
  const token = [header ?? []].flat().map((line) => /^\s*NTLM\s+([A-Za-z0-9+/=]+)\s*$/i.exec(line)?.[1]);
  const challenge = token.find((found) => found !== undefined);
  if (challenge !== undefined) return Buffer.from(challenge, 'base64');
  const offered = offeredSchemes(header);
  if (offered.length > 0 && !isOffered(offered, 'NTLM')) throw notOffered('NTLM', offered, place);
  throw unusable('the server sends no NTLM challenge: a proxy between may not pass NTLM on', place);
}

function unusable(message: string, place: EwsCallPlace): EwsAuthUnsupportedError {
  return new EwsAuthUnsupportedError(message, place, { errorClass: 'config', scope: 'host', httpStatus: 401 });
}
