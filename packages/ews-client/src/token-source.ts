import { Pool } from 'undici';
import { abortable } from './abortable.ts';
import { EwsAuthError, type EwsCallPlace, EwsTokenError } from './ews-error.ts';
import { retryAfterMs } from './http-status-error.ts';
import { networkError } from './network-error.ts';
import { type ServerTrust, trustingConnector } from './server-trust.ts';

/** An OAuth 2.0 client that signs in as itself (RFC 6749 §4.4). */
export interface TokenSourceOptions {
  readonly url: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly trust: ServerTrust;
}

interface Token {
  readonly value: string;
  /** `performance.now()` from which on a new one is got, and from which on this one is worth nothing. */
  readonly renewAt: number;
  readonly endsAt: number;
}

const timeoutMs = 30_000;
const longestEarlyMs = 300_000;
const maxReplyBytes = 65_536;
/** For an endpoint that does not say how long its token lasts (RFC 6749 §5.1 only recommends it). */
const untoldSeconds = 300;

/** Gets tokens from a token endpoint, one request at a time, and keeps the last one until shortly before its end. */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  readonly #pool: Pool;
  #token: Token | undefined;
  #fetching: Promise<Token> | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    this.#pool = new Pool(options.url.origin, {
      connections: 1,
      allowH2: false,
      connect: trustingConnector(options.trust),
    });
  }

  /**
   * A token that is good for a while. One that is about to end is still used when no other can be had.
   * @throws EwsAuthError when the endpoint refuses the client, EwsTokenError, EwsNetworkError, EwsTlsError, EwsTimeoutError;
   * the signal's reason when it aborts
   */
  async token(place: EwsCallPlace, signal: AbortSignal): Promise<string> {
    const now = performance.now();
    const held = this.#token;
    if (held !== undefined && now < held.renewAt) return held.value;
    this.#fetching ??= this.#fetch(place).finally(() => {
      this.#fetching = undefined;
    });
    try {
      return (await abortable(this.#fetching, signal)).value;
    } catch (failure) {
      if (held !== undefined && held === this.#token && performance.now() < held.endsAt && !signal.aborted) {
        return held.value;
      }
      throw failure;
    }
  }

  /** Exchange refused this token: it is not given out again. */
  reject(token: string): void {
    if (this.#token?.value === token) this.#token = undefined;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #fetch(at: EwsCallPlace): Promise<Token> {
    const { url, clientId, clientSecret, scope } = this.#options;
    const place = { ...at, host: url.host };
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope };
    let status: number;
    let retryAfter: string | undefined;
    let text: string;
    try {
      const reply = await this.#pool.request({
        method: 'POST',
        path: url.pathname + url.search,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams(form).toString(),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = reply.statusCode;
      retryAfter = reply.headers['retry-after']?.toString();
      text = await limitedText(reply.body);
    } catch (failure) {
      throw networkError(failure, place);
    }
    const fields = jsonFields(text);
    if (status !== 200) throw tokenRefusal(status, fields.error, retryAfterMs(retryAfter), place);
    this.#token = readToken(fields, place);
    return this.#token;
  }
}

function readToken({ access_token: value, expires_in: told }: Record<string, unknown>, place: EwsCallPlace): Token {
  if (typeof value !== 'string' || !/^[\x21-\x7e]{1,32768}$/.test(value)) {
    const message = 'the token endpoint answered without a token: check oauth.tokenUrl';
    throw new EwsTokenError(message, place, { errorClass: 'config', scope: 'account' });
  }
  const seconds = Number(told);
  const lifeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : untoldSeconds) * 1000;
  const now = performance.now();
  return { value, endsAt: now + lifeMs, renewAt: now + lifeMs - Math.min(longestEarlyMs, lifeMs / 5) };
}

function tokenRefusal(
  status: number,
  told: unknown,
  backOffMs: number | undefined,
  place: EwsCallPlace,
): EwsAuthError | EwsTokenError {
  // RFC 6749 §5.2: a word. The description beside it may name anything, so it is left out.
  const error = typeof told === 'string' && /^\w{1,64}$/.test(told) ? told : 'no reason given';
  const what = `the token endpoint answered ${status} (${error})`;
  if (['invalid_client', 'unauthorized_client', 'invalid_grant', 'access_denied'].includes(error) || status === 401) {
    const remedy = 'check oauth.clientId and oauth.clientSecret, and that the secret has not expired';
    return new EwsAuthError(`${what}: ${remedy}`, place, { errorClass: 'auth', scope: 'account', httpStatus: status });
  }
  if (status === 429 || status >= 500) {
    const details = { errorClass: 'throttle', scope: 'account', httpStatus: status, backOffMs } as const;
    return new EwsTokenError(`${what}: it is asked again later`, place, details);
  }
  const remedy = 'check oauth.tokenUrl and oauth.scope';
  return new EwsTokenError(`${what}: ${remedy}`, place, { errorClass: 'config', scope: 'account', httpStatus: status });
}

async function limitedText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxReplyBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonFields(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
