import type { SignInAs } from './basic-transport.ts';
import { EwsNetworkError } from './ews-error.ts';
import { endingWithReply, type HttpConnections } from './http-connections.ts';
import { SocketSpentError } from './http-socket.ts';
import { type NtlmIdentity, ntlmIdentity } from './ntlm/ntlmv2-response.ts';
import { NtlmConnection } from './ntlm-connection.ts';
import type { SignInGate } from './sign-in-gate.ts';
import { SocketSlots } from './socket-slots.ts';
import type { EwsTransport, TransportReply, TransportRequest } from './transport.ts';

export interface NtlmOptions extends SignInAs {
  /** Without port. */
  readonly host: string;
  /** Sockets at most, dedicated ones aside. */
  readonly connections: number;
}

/**
 * Signs in with NTLMv2. The login belongs to a socket: each call has one for itself until its reply is read, and signed-in
 * ones are used again.
 */
export class NtlmTransport implements EwsTransport {
  readonly #connections: HttpConnections;
  readonly #identity: NtlmIdentity;
  readonly #gate: SignInGate;
  readonly #host: string;
  readonly #slots: SocketSlots;
  #idle: NtlmConnection[] = [];

  constructor(connections: HttpConnections, { login, password, gate, host, connections: most }: NtlmOptions) {
    this.#connections = connections;
    this.#identity = ntlmIdentity(login, password);
    this.#gate = gate;
    this.#host = host;
    this.#slots = new SocketSlots(most);
  }

  async post(request: TransportRequest): Promise<TransportReply> {
    if (request.dedicated === true) {
      const own = this.#fresh();
      return endingWithReply(
        () => spentIsNetwork(own.post(request), request),
        () => own.destroy(),
      );
    }
    const free = await this.#slots.take(request.signal);
    try {
      return await this.#overIdleOrFresh(request, free);
    } catch (failure) {
      free();
      throw failure;
    }
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  /** The server may have closed a socket while it lay idle: then nothing was sent yet, and another one serves. */
  async #overIdleOrFresh(request: TransportRequest, free: () => void): Promise<TransportReply> {
    for (let idle = this.#takeIdle(); idle !== undefined; idle = this.#takeIdle()) {
      try {
        return await this.#over(idle, request, free);
      } catch (failure) {
        if (!(failure instanceof SocketSpentError)) throw failure;
      }
    }
    return spentIsNetwork(this.#over(this.#fresh(), request, free), request);
  }

  async #over(connection: NtlmConnection, request: TransportRequest, free: () => void): Promise<TransportReply> {
    let reply: TransportReply;
    try {
      reply = await connection.post(request);
    } catch (failure) {
      await connection.destroy();
      throw failure;
    }
    return endingWithReply(
      async () => reply,
      () => {
        if (connection.isUsable) this.#idle.push(connection);
        free();
      },
    );
  }

  #takeIdle(): NtlmConnection | undefined {
    this.#idle = this.#idle.filter(({ isUsable }) => isUsable);
    return this.#idle.pop();
  }

  #fresh(): NtlmConnection {
    return new NtlmConnection(this.#connections.socket(), {
      identity: this.#identity,
      gate: this.#gate,
      host: this.#host,
    });
  }
}

/** On a new socket the server closed it between the messages of the login. */
async function spentIsNetwork(reply: Promise<TransportReply>, { place }: TransportRequest): Promise<TransportReply> {
  try {
    return await reply;
  } catch (failure) {
    if (!(failure instanceof SocketSpentError)) throw failure;
    const message =
      'the connection was closed in the middle of the NTLM login: NTLM needs connections that stay, check proxies';
    throw new EwsNetworkError(message, place, { errorClass: 'transient', scope: 'host' });
  }
}
