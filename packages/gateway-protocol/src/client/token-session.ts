import { TOKEN_PATH } from '../frame.ts';
import { type TokenReply, tokenRefusal, tokenReply } from '../token-endpoint.ts';

/** A token is renewed when it has less than this left. */
const SPARE_MS = 60_000;

export interface TokenSessionOptions {
  /** Address of the gateway: `http(s)://host:4315`, or its WebSocket address. */
  readonly url: string | URL;
  readonly fetch?: typeof fetch;
  /** Unix ms. */
  readonly now?: () => number;
}

/** The token endpoint said no, or nothing that could be understood. */
export class SignInRefusedError extends Error {
  readonly code = 'sign-in-refused';
  /** HTTP status. */
  readonly status: number;
  /** As in RFC 6749 §5.2: `invalid_grant` means that the password has to be asked for (again). */
  readonly error: string;
  /** How long to wait before the next attempt, when the gateway told. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, error: string, description: string, retryAfterMs: number | undefined) {
    super(`signing in was refused with ${status} ${error}: ${description}`);
    this.name = new.target.name;
    this.status = status;
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The tokens of one signed-in user: fetched with his password once, renewed with the refresh token from then on. The
 * password is not kept.
 *
 * @example
 * const session = await TokenSession.signIn({ url }, 'anna', password);
 * const client = new CalendarClient({ url, getToken: () => session.getToken() });
 */
export class TokenSession {
  readonly #endpoint: string;
  readonly #fetch: typeof fetch;
  readonly #now: () => number;
  #tokens: TokenReply | undefined;
  #refreshToken: string | undefined;
  #renewing: Promise<string> | undefined;

  private constructor(options: TokenSessionOptions) {
    const url = new URL(TOKEN_PATH, options.url);
    url.protocol = url.protocol.replace(/^ws/u, 'http');
    this.#endpoint = url.href;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#now = options.now ?? Date.now;
  }

  /** @throws SignInRefusedError, and what `fetch` throws when the gateway cannot be reached */
  static async signIn(options: TokenSessionOptions, username: string, password: string): Promise<TokenSession> {
    const session = new TokenSession(options);
    await session.#request({ grant_type: 'password', username, password });
    return session;
  }

  /**
   * A token that is good for a while yet.
   *
   * @throws SignInRefusedError with `invalid_grant` when the user has to sign in again
   */
  getToken(): Promise<string> {
    const tokens = this.#tokens;
    if (tokens !== undefined && tokens.expires_at * 1000 - this.#now() > SPARE_MS) {
      return Promise.resolve(tokens.access_token);
    }
    this.#renewing ??= this.#request({ grant_type: 'refresh_token', refresh_token: this.#refreshToken }).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #request(grant: object): Promise<string> {
    const reply = await this.#fetch(this.#endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'calendar', ...grant }),
    });
    const body: unknown = await reply.json().catch(() => undefined);
    const parsed = tokenReply.safeParse(body);
    if (!reply.ok || !parsed.success) throw refusal(reply, body);
    this.#tokens = parsed.data;
    this.#refreshToken = parsed.data.refresh_token ?? this.#refreshToken;
    return parsed.data.access_token;
  }
}

function refusal(reply: Response, body: unknown): SignInRefusedError {
  const { data } = tokenRefusal.safeParse(body);
  const seconds = Number(reply.headers.get('retry-after') ?? Number.NaN);
  return new SignInRefusedError(
    reply.status,
    data?.error ?? 'unexpected_reply',
    data?.error_description ?? 'the answer is not one of the token endpoint; check the address',
    Number.isFinite(seconds) ? seconds * 1000 : undefined,
  );
}
