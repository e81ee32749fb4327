import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type buildConnector, Client } from 'undici';
import { type AddedHeaders, exchange, noOwnTimeouts } from './http-exchange.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

/**
 * One socket to an EWS address, opened with its first request and never replaced: when it has closed, so has this. So
 * what a server ties to a connection can be kept beside it. Takes one request after another.
 */
export class HttpSocket {
  readonly #client: Client;
  readonly #path: string;
  #socket: Socket | undefined;
  #closed = false;
  /** A request asked for a second socket. */
  #spent = false;

  constructor(url: URL, connect: buildConnector.connector, keepAliveMs: number) {
    this.#path = url.pathname + url.search;
    this.#client = new Client(url.origin, {
      ...noOwnTimeouts,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      connect: (options, callback) => this.#open(connect, options, callback),
    });
  }

  /** Whether it can take a request: not yet opened, or open. */
  get isUsable(): boolean {
    return !this.#closed;
  }

  /** The server's certificate (DER) once a request was answered over TLS; null without TLS. */
  get serverCertificate(): Buffer | null {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerCertificate().raw : null;
  }

  /**
   * @throws SocketSpentError when the socket closed before the request was sent; EwsError for anything else but an HTTP
   * answer; the signal's reason when it aborts
   */
  async post(request: TransportRequest, added: AddedHeaders): Promise<TransportReply> {
    try {
      return await exchange(this.#client, this.#path, request, added);
    } catch (failure) {
      if (this.#spent && !request.signal.aborted) throw new SocketSpentError();
      throw failure;
    }
  }

  async destroy(): Promise<void> {
    this.#closed = true;
    await this.#client.destroy();
  }

  #open(connect: buildConnector.connector, options: buildConnector.Options, callback: buildConnector.Callback): void {
    if (this.#socket !== undefined) {
      this.#closed = true;
      this.#spent = true;
      callback(new SocketSpentError(), null);
      return;
    }
    connect(options, (...[error, socket]) => {
      // The connector leaves the socket out of a failure.
      if (error !== null) {
        this.#closed = true;
        callback(error, null);
        return;
      }
      this.#socket = socket;
      socket.once('close', () => {
        this.#closed = true;
      });
      callback(null, socket);
    });
  }
}

/** The server closed the socket before the request could be sent. */
export class SocketSpentError extends Error {
  readonly code = 'EWS_SOCKET_SPENT';

  constructor() {
    super('the socket was closed');
    this.name = new.target.name;
  }
}
