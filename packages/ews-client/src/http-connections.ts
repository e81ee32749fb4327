import { type buildConnector, Pool } from 'undici';
import { type AddedHeaders, exchange, noOwnTimeouts } from './http-exchange.ts';
import { HttpSocket } from './http-socket.ts';
import { type ServerTrust, trustingConnector } from './server-trust.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

export interface ConnectionOptions {
  readonly url: URL;
  readonly trust: ServerTrust;
  /** Sockets at most, dedicated ones aside. */
  readonly connections: number;
}

// Below the idle limits of common load balancers, so that a request seldom meets a socket that is just being closed.
const keepAliveMs = 30_000;

/** HTTP/1.1 sockets to one EWS address: kept-alive ones that any request may use, and dedicated ones. */
export class HttpConnections {
  readonly #pool: Pool;
  readonly #url: URL;
  readonly #path: string;
  readonly #connect: buildConnector.connector;
  readonly #own = new Set<HttpSocket>();

  constructor({ url, trust, connections }: ConnectionOptions) {
    this.#url = url;
    this.#path = url.pathname + url.search;
    this.#connect = trustingConnector(trust);
    this.#pool = new Pool(url.origin, {
      ...noOwnTimeouts,
      connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      connect: this.#connect,
    });
  }

  /**
   * Sends the request with these additional headers, over a dedicated socket if it asks for one.
   * @throws EwsError for anything but an HTTP answer; the signal's reason when it aborts.
   */
  async post(request: TransportRequest, added: AddedHeaders): Promise<TransportReply> {
    if (request.dedicated !== true) return exchange(this.#pool, this.#path, request, added);
    const socket = this.socket();
    return endingWithReply(
      () => socket.post(request, added),
      () => socket.destroy(),
    );
  }

  /** A socket of its own, closed with the others; whoever takes it destroys it. */
  socket(): HttpSocket {
    const socket = new HttpSocket(this.#url, this.#connect, keepAliveMs);
    for (const other of this.#own) if (!other.isUsable) this.#own.delete(other);
    this.#own.add(socket);
    return socket;
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), ...[...this.#own].map((socket) => socket.destroy())]);
  }
}

/** Makes a reply whose end, whatever it is, also calls `end`; so does a request that gets none. */
export async function endingWithReply(
  send: () => Promise<TransportReply>,
  end: () => unknown,
): Promise<TransportReply> {
  try {
    const reply = await send();
    return { ...reply, body: endingWith(reply.body, end) };
  } catch (failure) {
    await end();
    throw failure;
  }
}

async function* endingWith(
  body: AsyncIterable<Uint8Array>,
  end: () => unknown,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } finally {
    await end();
  }
}
