import { rootCertificates } from 'node:tls';
import { type Dispatcher, Pool } from 'undici';
import { connectionError } from './connection-error.ts';
import { TrueConfError } from './trueconf-error.ts';

const maxReplyBytes = 16 * 1024 * 1024;

export interface HttpRequest {
  /** What the request is for, in words, for error messages. */
  operation: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

export interface HttpReply {
  status: number;
  contentType: string;
  retryAfter: string | null;
  location: string | null;
  text: string;
}

/** One server's pool of kept-alive connections. Redirects are not followed, nothing is repeated. */
export class HttpExchange {
  readonly #pool: Pool;
  readonly #serverName: string;

  /** @param origin scheme, host and port. */
  constructor(origin: string, serverName: string, options: { connections: number; ca: string | undefined }) {
    this.#serverName = serverName;
    this.#pool = new Pool(origin, {
      connections: options.connections,
      pipelining: 1,
      allowH2: false,
      // A `Keep-Alive` hint of the server goes before this one.
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 120_000,
      // One timer covers the whole request; see send().
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: options.ca === undefined ? {} : { ca: [...rootCertificates, options.ca] },
    });
  }

  /**
   * Sends once and reads the whole answer, whatever its status.
   *
   * @throws TrueConfError for everything that kept an answer from arriving within `timeoutMs`; its `sent` is `no`
   * exactly when nothing was written to a connection.
   */
  async send(request: HttpRequest): Promise<HttpReply> {
    const attempt = new Attempt();
    const stop = (reason: Error) => attempt.cancel(reason);
    const timer = setTimeout(() => stop(new RequestTimeoutError()), request.timeoutMs);
    const onAbort = () => stop(new RequestAbortedError());
    request.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (request.signal?.aborted) throw new RequestAbortedError();
      const { method, path, headers, body } = request;
      this.#pool.dispatch({ method, path, headers, body }, attempt.handler);
      return await attempt.reply;
    } catch (error) {
      throw this.#describe(error, request, attempt.written);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #describe(error: unknown, request: HttpRequest, written: boolean): TrueConfError {
    const where = `TrueConf Server ${this.#serverName}: ${request.operation}`;
    const sent = written ? 'maybe' : 'no';
    if (error instanceof RequestTimeoutError) {
      const message = `${where}: no answer within ${request.timeoutMs} ms`;
      return new TrueConfError(message, { code: 'trueconf-timeout', errorClass: 'transient', sent });
    }
    if (error instanceof RequestAbortedError) {
      return new TrueConfError(`${where}: called off`, { code: 'trueconf-aborted', errorClass: 'transient', sent });
    }
    return connectionError(where, error, sent);
  }
}

class RequestTimeoutError extends Error {
  readonly code = 'trueconf-request-timeout';

  constructor() {
    super('the answer did not come in time');
    this.name = new.target.name;
  }
}

class RequestAbortedError extends Error {
  readonly code = 'trueconf-request-aborted';

  constructor() {
    super('the caller ended the request');
    this.name = new.target.name;
  }
}

/** One request as undici sees it; knows whether anything was written. */
class Attempt {
  readonly reply: Promise<HttpReply>;
  readonly handler: Dispatcher.DispatchHandler;
  /** True from just before the first byte is written. */
  written = false;
  #controller: Dispatcher.DispatchController | null = null;
  #cancelled: Error | null = null;
  readonly #reject: (error: Error) => void;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
    // Whoever cancels before send() awaits must not leave an unhandled rejection.
    promise.catch(() => undefined);
    this.reply = promise;
    this.#reject = reject;
    let head: Omit<HttpReply, 'text'> | null = null;
    const chunks: Buffer[] = [];
    let size = 0;
    this.handler = {
      onRequestStart: (controller) => {
        this.#controller = controller;
        if (this.#cancelled) controller.abort(this.#cancelled);
        else this.written = true;
      },
      onResponseStart: (_controller, status, headers) => {
        head = {
          status,
          contentType: text(headers['content-type']) ?? '',
          retryAfter: text(headers['retry-after']),
          location: text(headers.location),
        };
      },
      onResponseData: (controller, chunk) => {
        size += chunk.length;
        if (size > maxReplyBytes) controller.abort(new Error(`the answer exceeds ${maxReplyBytes} bytes`));
        else chunks.push(chunk);
      },
      onResponseEnd: () => {
        if (head) resolve({ ...head, text: Buffer.concat(chunks).toString('utf8') });
      },
      onResponseError: (_controller, error) => reject(error),
    };
  }

  /** Ends the attempt now; a request that still waits for a connection will not be written. */
  cancel(reason: Error): void {
    this.#cancelled = reason;
    this.#controller?.abort(reason);
    this.#reject(reason);
  }
}

function text(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
