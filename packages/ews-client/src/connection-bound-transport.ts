import { EwsNetworkError } from './ews-error.ts';
import { endingWithReply, type HttpConnections } from './http-connections.ts';
import { type HttpSocket, SocketSpentError } from './http-socket.ts';
import { SocketSlots } from './socket-slots.ts';
import type { EwsTransport, TransportReply, TransportRequest } from './transport.ts';

/** One socket and what its sign-in needs. Takes one request after another. */
export interface SignInConnection {
  readonly isUsable: boolean;
  /** @throws SocketSpentError when the socket closed before the request was sent; EwsError */
  post(request: TransportRequest): Promise<TransportReply>;
  destroy(): Promise<void>;
}

export interface ConnectionBoundOptions {
  /** Sockets at most, dedicated ones aside. */
  readonly connections: number;
  /** The way of signing in, for messages. */
  readonly way: string;
  readonly connect: (socket: HttpSocket) => SignInConnection;
}

/** Gives each call a socket for itself until its reply is read, and uses the sockets again with what is known of them. */
export abstract class ConnectionBoundTransport implements EwsTransport {
  readonly #connections: HttpConnections;
  readonly #options: ConnectionBoundOptions;
  readonly #slots: SocketSlots;
  #idle: SignInConnection[] = [];

  constructor(connections: HttpConnections, options: ConnectionBoundOptions) {
    this.#connections = connections;
    this.#options = options;
    this.#slots = new SocketSlots(options.connections);
  }

  async post(request: TransportRequest): Promise<TransportReply> {
    if (request.dedicated === true) {
      const own = this.#fresh();
      return endingWithReply(
        () => this.#spentIsNetwork(own.post(request), request),
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
    return this.#spentIsNetwork(this.#over(this.#fresh(), request, free), request);
  }

  async #over(connection: SignInConnection, request: TransportRequest, free: () => void): Promise<TransportReply> {
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

  #takeIdle(): SignInConnection | undefined {
    this.#idle = this.#idle.filter(({ isUsable }) => isUsable);
    return this.#idle.pop();
  }

  #fresh(): SignInConnection {
    return this.#options.connect(this.#connections.socket());
  }

  /** On a new socket the server closed it between the messages of the login. */
  async #spentIsNetwork(reply: Promise<TransportReply>, { place }: TransportRequest): Promise<TransportReply> {
    try {
      return await reply;
    } catch (failure) {
      if (!(failure instanceof SocketSpentError)) throw failure;
      const { way } = this.#options;
      const message = `the connection was closed in the middle of the ${way} login: ${way} needs connections that stay, check proxies`;
      throw new EwsNetworkError(message, place, { errorClass: 'transient', scope: 'host' });
    }
  }
}
