import type { z } from 'zod';
import { AccessToken, type IssuedToken, tokenReply } from './access-token.ts';
import { HttpExchange, type HttpReply, type HttpRequest } from './http-exchange.ts';
import { parseJson, replyError, replyReason, unexpectedReply } from './reply-error.ts';
import type { RequestOptions, TrueConfClientOptions } from './trueconf-client-options.ts';
import { TrueConfError } from './trueconf-error.ts';

export interface ApiCall {
  operation: string;
  method: HttpRequest['method'];
  path: string;
  json?: unknown;
}

/** Sends API calls with a token, and the token requests themselves. */
export class ApiSession {
  readonly #serverName: string;
  readonly #clientId: string;
  readonly #clientSecret: string;
  readonly #timeoutMs: number;
  readonly #http: HttpExchange;
  readonly #token: AccessToken;

  constructor(options: TrueConfClientOptions, origin: string, connections: number) {
    this.#serverName = options.serverId;
    this.#clientId = options.clientId;
    this.#clientSecret = options.clientSecret;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#http = new HttpExchange(origin, options.serverId, { connections, ca: options.ca });
    this.#token = new AccessToken(() => this.#fetchToken());
  }

  /**
   * Calls with the application's token; an expired or revoked token is replaced once.
   *
   * @returns the parsed JSON of a 2xx answer, undefined for an empty one.
   * @throws TrueConfError, or what `beforeSend` threw.
   */
  async call(call: ApiCall, options: RequestOptions = {}): Promise<unknown> {
    const first = await this.#getToken(call.operation, options.signal);
    const reply = await this.#send(call, first, options);
    if (!isTokenRefused(reply)) return this.#result(call, reply);
    this.#token.discard(first);
    const second = await this.#getToken(call.operation, options.signal);
    return this.#result(call, await this.#send(call, second, options));
  }

  /** Calls without a token. */
  async callOpenly(call: ApiCall, options: RequestOptions = {}): Promise<unknown> {
    return this.#result(call, await this.#send(call, null, options));
  }

  /** Fetches a token if there is none. */
  async prepareToken(signal: AbortSignal | undefined): Promise<void> {
    await this.#getToken('get an access token', signal);
  }

  /** Asks for a user's token by password; the answer as it came, whatever its status. The token itself is not kept. */
  async passwordGrant(path: string, username: string, password: string, options: RequestOptions): Promise<HttpReply> {
    const json = { grant_type: 'password', client_id: this.#clientId, username, password };
    return this.#send({ operation: 'check a password', method: 'POST', path, json }, null, options);
  }

  /** Start of an error message. */
  where(operation: string): string {
    return `TrueConf Server ${this.#serverName}: ${operation}`;
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** The token's own request serves everybody: an abort only ends this caller's wait. */
  async #getToken(operation: string, signal: AbortSignal | undefined): Promise<string> {
    if (signal === undefined) return this.#token.get();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const callOff = () => {
      const message = `${this.where(operation)}: called off`;
      reject(new TrueConfError(message, { code: 'trueconf-aborted', errorClass: 'transient', sent: 'no' }));
    };
    signal.addEventListener('abort', callOff, { once: true });
    if (signal.aborted) callOff();
    try {
      return await Promise.race([this.#token.get(), aborted]);
    } finally {
      signal.removeEventListener('abort', callOff);
    }
  }

  async #send(call: ApiCall, token: string | null, options: RequestOptions): Promise<HttpReply> {
    await options.beforeSend?.();
    const body = call.json === undefined ? null : JSON.stringify(call.json);
    return this.#http.send({
      operation: call.operation,
      method: call.method,
      path: call.path,
      headers: {
        accept: 'application/json',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
      signal: options.signal,
    });
  }

  #result(call: ApiCall, reply: HttpReply): unknown {
    const where = this.where(call.operation);
    if (reply.status < 200 || reply.status > 299) throw replyError(where, reply);
    if (reply.text.trim() === '') return undefined;
    const json = parseJson(reply.text);
    if (json === undefined) throw unexpectedReply(where, reply, 'a body that is not JSON');
    return json;
  }

  /** Errors say `sent: no`: the request that needed the token has not left. */
  async #fetchToken(): Promise<IssuedToken> {
    const operation = 'get an access token';
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: this.#clientId,
      client_secret: this.#clientSecret,
    });
    try {
      const reply = await this.#http.send({
        operation,
        method: 'POST',
        path: '/oauth2/v1/token',
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
        timeoutMs: this.#timeoutMs,
        signal: undefined,
      });
      if (reply.status < 200 || reply.status > 299) throw tokenError(this.where(operation), reply);
      const token = tokenReply.safeParse(parseJson(reply.text));
      if (!token.success) throw unexpectedReply(this.where(operation), reply, 'no access token in it');
      return token.data;
    } catch (error) {
      throw error instanceof TrueConfError ? error.withSent('no') : error;
    }
  }
}

function isTokenRefused(reply: HttpReply): boolean {
  return reply.status === 401 || (reply.status === 403 && replyReason(reply) === 'accessTokenInvalid');
}

/** A 4xx of the token endpoint in the server's own words means: the application is not accepted. */
function tokenError(where: string, reply: HttpReply): TrueConfError {
  const error = replyError(where, reply);
  const refused = error.errorClass === 'permanent' || error.errorClass === 'auth' || error.errorClass === 'notFound';
  if (!refused) return error;
  const named = error.reason === null ? '' : ` ${error.reason}`;
  const advice = 'check clientId, clientSecret and the scopes of the OAuth application';
  return new TrueConfError(`${where}: HTTP ${reply.status}${named}; ${advice}`, {
    code: 'trueconf-token-refused',
    errorClass: 'auth',
    sent: 'no',
    httpStatus: reply.status,
    reason: error.reason ?? undefined,
  });
}

/** Parses an answer. @throws TrueConfError (transient, sent `maybe`) naming the first field that does not fit. */
export function readReply<Output>(where: string, schema: z.ZodType<Output>, json: unknown): Output {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') || 'the answer';
  throw new TrueConfError(`${where}: unexpected answer at ${path}: ${issue?.message ?? 'not valid'}`, {
    code: 'trueconf-unexpected-reply',
    errorClass: 'transient',
    sent: 'maybe',
  });
}
