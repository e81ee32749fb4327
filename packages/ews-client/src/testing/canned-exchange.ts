import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { AutodiscoverClient, autodiscoverUrl, EwsClient, type EwsClientOptions } from '../index.ts';
import { testCertificate, testCertificateKey } from './test-certificate.ts';

export interface SeenRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The client's port: one for each socket. */
  readonly port: number;
}

export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  /** Chunks are written one by one. */
  readonly body?: string | Buffer | readonly Buffer[];
  /** Leave the answer open after what was written. */
  readonly hang?: boolean;
  /** Break the socket after what was written. */
  readonly breakOff?: boolean;
}

const basicLogin = { auth: 'basic', login: 'CORP\\svc', password: 'p4ss-w0rd' } as const;

type Answering = (request: SeenRequest, number: number) => CannedAnswer | Promise<CannedAnswer>;

/** An HTTP server that answers what a test tells it to, and keeps what it was asked. */
export class CannedExchange {
  readonly requests: SeenRequest[] = [];
  readonly #server;
  readonly #clients: { close(): Promise<void> }[] = [];
  readonly #scheme: string;

  private constructor(answering: Answering, tls: boolean | TlsOptions) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.#serve(request, response, answering).catch((failure) => response.destroy(failure));
    };
    this.#scheme = tls ? 'https' : 'http';
    this.#server = tls
      ? createTlsServer({ cert: testCertificate, key: testCertificateKey, ...(tls === true ? {} : tls) }, serve)
      : createServer(serve);
  }

  static async start(
    answering: Answering | CannedAnswer,
    options: { tls?: boolean | TlsOptions } = {},
  ): Promise<CannedExchange> {
    const exchange = new CannedExchange(
      typeof answering === 'function' ? answering : () => answering,
      options.tls ?? false,
    );
    exchange.#server.listen(0, '127.0.0.1');
    await once(exchange.#server, 'listening');
    return exchange;
  }

  url(host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${(this.#server.address() as AddressInfo).port}/EWS/Exchange.asmx`;
  }

  /** How many sockets are open now. */
  openSockets(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((failure, count) => (failure === null ? resolve(count) : reject(failure)));
    });
  }

  /** A client of this server, closed with it; it signs in with Basic unless told otherwise. */
  client(options: Partial<EwsClientOptions> = {}): EwsClient {
    const client = new EwsClient({ url: this.url(), ...basicLogin, ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client of this server's Autodiscover, like `client`. */
  autodiscoverClient(options: Partial<EwsClientOptions> = {}): AutodiscoverClient {
    const client = new AutodiscoverClient({ url: autodiscoverUrl(this.url()), ...basicLogin, ...options });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse, answering: Answering): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen: SeenRequest = {
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      port: request.socket.remotePort ?? 0,
    };
    this.requests.push(seen);
    const answer = await answering(seen, this.requests.length);
    const body = answer.body ?? '';
    const parts = typeof body === 'string' || Buffer.isBuffer(body) ? [body] : body;
    response.writeHead(answer.status ?? 200, { 'content-type': 'text/xml; charset=utf-8', ...answer.headers });
    for (const part of parts) {
      if (part.length > 0) await new Promise<unknown>((resolve) => response.write(part, resolve));
    }
    if (answer.breakOff) response.destroy();
    else if (!answer.hang) response.end();
  }
}
