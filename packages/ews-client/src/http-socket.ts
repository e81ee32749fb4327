import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type buildConnector, Client } from 'undici';
import { abortable } from './abortable.ts';
import { type AddedHeaders, exchange, noOwnTimeouts } from './http-exchange.ts';
import { networkError } from './network-error.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

/**
 * One socket to an EWS address, opened with `open` or its first request and never replaced: when it has closed, so has this. So
 * what a server ties to a connection can be kept beside it. Takes one request after another.
 */
export class HttpSocket {
  readonly #client: Client;
  readonly #path: string;
  readonly #connect: buildConnector.connector;
  readonly #target: buildConnector.Options;
  #socket: Socket | undefined;
  #opening: Promise<Socket> | undefined;
  #isHandedOver = false;
  #closed = false;
  /** A request asked for a second socket. */
  #spent = false;

  constructor(url: URL, connect: buildConnector.connector, keepAliveMs: number) {
    this.#path = url.pathname + url.search;
    this.#connect = connect;
    this.#target = { hostname: url.hostname, host: url.host, protocol: url.protocol, port: url.port };
    this.#client = new Client(url.origin, {
      ...noOwnTimeouts,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      connect: (_options, callback) => this.#handOver(callback),
    });
  }

  /** Whether it can take a request: not yet opened, or open. */
  get isUsable(): boolean {
    return !this.#closed;
  }

  /**
   * Opens the socket if it is not yet open, so that the server's certificate is known before the first request.
   * @throws EwsNetworkError, EwsTlsError, EwsTimeoutError; the signal's reason when it aborts
   */
  async open({ signal, place }: TransportRequest): Promise<void> {
    try {
      await abortable(this.#opened(), signal);
    } catch (failure) {
      throw signal.aborted ? signal.reason : networkError(failure, place);
    }
  }

  /** The server's certificate (DER) once the socket is open over TLS; null without TLS. */
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
    this.#socket?.destroy();
    await this.#client.destroy();
  }

  /** Gives the client its only socket. */
  #handOver(callback: buildConnector.Callback): void {
    if (this.#isHandedOver || (this.#socket !== undefined && this.#closed)) {
      this.#closed = true;
      this.#spent = true;
      callback(new SocketSpentError(), null);
      return;
    }
    this.#isHandedOver = true;
    this.#opened().then(
      (socket) => callback(null, socket),
      (failure) => callback(failure, null),
    );
  }

  #opened(): Promise<Socket> {
    this.#opening ??= new Promise((resolve, reject) => {
      this.#connect(this.#target, (...[error, socket]) => {
        // The connector leaves the socket out of a failure.
        if (error !== null) {
          this.#closed = true;
          reject(error);
          return;
        }
        if (this.#closed) {
          socket.destroy();
          reject(new SocketSpentError());
          return;
        }
        this.#socket = socket;
        socket.once('close', () => {
          this.#closed = true;
        });
        // Until the client listens: what breaks shows in `isUsable`.
        socket.on('error', () => undefined);
        resolve(socket);
      });
    });
    return this.#opening;
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
