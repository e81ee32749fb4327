import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Pool } from 'undici';
import { discardBody } from './discard-body.ts';
import { EwsReplyError } from './ews-error.ts';
import { networkError } from './network-error.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

export interface ConnectionOptions {
  readonly url: URL;
  readonly ca: string | undefined;
  /** Sockets at most. */
  readonly connections: number;
}

// Below the idle limits of common load balancers, so that a request seldom meets a socket that is just being closed.
const keepAliveMs = 30_000;
const connectTimeoutMs = 20_000;

/** Kept-alive HTTP/1.1 sockets to one EWS address. Redirects are answers like any other: never followed. */
export class HttpConnections {
  readonly #pool: Pool;
  readonly #path: string;

  constructor(options: ConnectionOptions) {
    this.#path = options.url.pathname + options.url.search;
    this.#pool = new Pool(options.url.origin, {
      connections: options.connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      // Each call has its own deadline in the signal, for headers and body together.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connectTimeoutMs, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    });
  }

  /**
   * Sends the request with these additional headers.
   * @throws EwsError for anything but an HTTP answer; the signal's reason when it aborts.
   */
  async post(request: TransportRequest, headers: Readonly<Record<string, string>>): Promise<TransportReply> {
    const { signal, place } = request;
    try {
      const {
        statusCode,
        headers: replyHeaders,
        body,
      } = await this.#pool.request({
        method: 'POST',
        path: this.#path,
        headers: { ...request.headers, ...headers },
        body: request.body,
        signal,
      });
      return {
        status: statusCode,
        headers: replyHeaders,
        body: unpacked(body, replyHeaders['content-encoding'], request),
      };
    } catch (failure) {
      if (signal.aborted) throw signal.reason;
      throw networkError(failure, place);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

async function* unpacked(
  body: NodeJS.ReadableStream,
  encoding: string | string[] | undefined,
  { signal, place }: TransportRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const packing = String(encoding ?? 'identity').toLowerCase();
  if (packing !== 'identity' && packing !== 'gzip') {
    await discardBody(body as AsyncIterable<Buffer>);
    throw new EwsReplyError('the reply is packed in a way that was not asked for', place, {
      errorClass: 'config',
      scope: 'host',
    });
  }
  // `pipeline` hands a broken socket on to the reader and a leaving reader back to the socket.
  const source = packing === 'gzip' ? pipeline(body, createGunzip(), () => {}) : body;
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (failure) {
    if (signal.aborted) throw signal.reason;
    throw networkError(failure, place);
  }
}
