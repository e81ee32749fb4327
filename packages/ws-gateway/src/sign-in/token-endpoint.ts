import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from 'calendar-db/database';
import { readRefreshToken, revokeRefreshTokens, storeRefreshToken } from 'calendar-db/sign-in';
import type { GatewayConfig } from 'connector-config';
import { describeIssues, type TokenReply, type TokenRequest, tokenRequest } from 'gateway-protocol';
import { canonicalTrueConfId, TrueConfError, type TrueConfUser } from 'trueconf-client';
import type { Logger } from 'worker-kit';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import type { HttpReply, HttpRequest } from '../transport/transport.ts';
import { ACCESS_TOKEN_SECONDS, type AccessTokens } from './access-tokens.ts';
import { type LoginAttempt, type LoginGuard, TooManyAttemptsError } from './login-guard.ts';
import type { ServerSet, SignInServer } from './server-set.ts';
import type { TrueConfServers } from './trueconf-servers.ts';
import { userAddresses } from './user-addresses.ts';

const REFRESH_TOKEN_SECONDS = 12 * 3_600;

export interface TokenEndpointOptions {
  readonly database: Queryable;
  readonly servers: TrueConfServers;
  readonly tokens: AccessTokens;
  readonly guard: LoginGuard;
  readonly config: () => Pick<GatewayConfig, 'auth' | 'allowCleartext'>;
  readonly log: Logger;
  readonly metrics: GatewayMetrics;
}

/** A refusal in the words of RFC 6749 §5.2. */
class TokenRequestError extends Error {
  readonly code = 'token-request-refused';
  readonly status: number;
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: string, description: string, headers: Readonly<Record<string, string>> = {}) {
    super(description);
    this.name = new.target.name;
    this.status = status;
    this.error = error;
    this.headers = headers;
  }
}

/** One answer for all that is wrong with name or password, so that nobody learns which names exist. */
const wrongCredentials = () => new TokenRequestError(401, 'invalid_grant', 'user name or password is wrong');
const endedSession = () =>
  new TokenRequestError(401, 'invalid_grant', 'the refresh token is not valid any more; sign in again');

/** `POST /bridge/api/client/v1/oauth/token`: a password or a refresh token for an access token. */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async handle(request: HttpRequest): Promise<HttpReply> {
    const { metrics, log } = this.#options;
    try {
      this.#checkAccepted(request);
      const body = readBody(request.body);
      const reply = await this.#options.servers.use((servers) =>
        body.grant_type === 'password' ? this.#signIn(servers, body, request) : this.#refresh(servers, body),
      );
      metrics.signIns.inc({ outcome: body.grant_type === 'password' ? 'password' : 'refresh' });
      return { status: 201, body: reply };
    } catch (error) {
      const refusal = error instanceof TokenRequestError ? error : this.#unavailable(error);
      metrics.signIns.inc({ outcome: refusal.error });
      if (refusal.status === 429)
        log.warn('sign-in.too-many-attempts', 'wrong passwords were repeated too often', {
          peer: request.peer.address,
        });
      return {
        status: refusal.status,
        headers: refusal.headers,
        body: { error: refusal.error, error_description: refusal.message },
      };
    }
  }

  #checkAccepted({ peer }: HttpRequest): void {
    const { auth, allowCleartext } = this.#options.config();
    if (!auth.includes('token')) {
      throw new TokenRequestError(403, 'auth_method_disabled', 'gateway.auth of the connector does not list "token"');
    }
    if (this.#options.servers.current.all.length === 0) {
      const description =
        'the connector knows no TrueConf Server to sign in through; see trueconfServers in its config';
      throw new TokenRequestError(403, 'auth_method_disabled', description);
    }
    if (!peer.secure && !allowCleartext) {
      const description =
        'passwords are accepted over TLS only; use https, or set gateway.tls, gateway.trustedProxies or gateway.allowCleartext';
      throw new TokenRequestError(403, 'insecure_connection', description);
    }
  }

  async #signIn(
    servers: ServerSet,
    body: TokenRequest & { grant_type: 'password' },
    { peer }: HttpRequest,
  ): Promise<TokenReply> {
    const server = servers.ofUser(body.username);
    if (server === 'ambiguous') {
      throw new TokenRequestError(400, 'invalid_request', 'name the TrueConf Server too: user@server');
    }
    const serverId = server?.config.serverId ?? '';
    const attempt = await this.#attempt(`${serverId} ${canonicalTrueConfId(body.username, serverId)}`, peer.address);
    if (server === undefined) throw wrongCredentials();
    const user = await this.#verify(server, body.username, body.password, attempt);
    if (user === null) throw wrongCredentials();
    await attempt.succeeded();
    const access = await this.#issue(servers, server, user);
    const refreshToken = randomBytes(32).toString('base64url');
    const holder = { serverId, userId: user.id };
    await storeRefreshToken(this.#options.database, hashOf(refreshToken), holder, REFRESH_TOKEN_SECONDS);
    return { ...access, refresh_token: refreshToken, refresh_expires_in: REFRESH_TOKEN_SECONDS };
  }

  async #attempt(user: string, address: string): Promise<LoginAttempt> {
    try {
      return await this.#options.guard.attempt(user, address);
    } catch (error) {
      if (!(error instanceof TooManyAttemptsError)) throw error;
      throw new TokenRequestError(429, 'slow_down', error.message, { 'retry-after': String(error.retryAfterSeconds) });
    }
  }

  async #verify(
    server: SignInServer,
    username: string,
    password: string,
    attempt: LoginAttempt,
  ): Promise<TrueConfUser | null> {
    try {
      return await server.users.verifyPassword(username, password);
    } catch (error) {
      await attempt.undecided();
      throw error;
    }
  }

  async #refresh(servers: ServerSet, body: TokenRequest & { grant_type: 'refresh_token' }): Promise<TokenReply> {
    const { database } = this.#options;
    const holder = await readRefreshToken(database, hashOf(body.refresh_token));
    const server = holder === null ? undefined : servers.byId(holder.serverId);
    if (holder === null || server === undefined) throw endedSession();
    const user = await server.users.getUser(holder.userId);
    if (!user?.isActive) {
      await revokeRefreshTokens(database, holder);
      throw endedSession();
    }
    return this.#issue(servers, server, user);
  }

  async #issue(servers: ServerSet, server: SignInServer, user: TrueConfUser): Promise<TokenReply> {
    const { database, tokens, log } = this.#options;
    const { serverId } = server.config;
    const addresses = await userAddresses(database, servers.all, server, user);
    if (addresses.length === 0) {
      const hint = 'a user signed in for whom no mailbox address is known; map it in trueconfServers[].users';
      log.warn('sign-in.no-address', hint, { serverId, userId: user.id });
    }
    const userId = user.uid ?? `${user.id}@${serverId}`;
    const { token, expiresAt } = await tokens.issue({ serverId, userId, addresses });
    return { access_token: token, token_type: 'JWT', expires_in: ACCESS_TOKEN_SECONDS, expires_at: expiresAt };
  }

  #unavailable(error: unknown): TokenRequestError {
    this.#options.log.warn('sign-in.unavailable', 'a sign-in could not be decided', { error });
    const who = error instanceof TrueConfError ? 'the TrueConf Server' : 'the calendar database';
    return new TokenRequestError(
      503,
      'temporarily_unavailable',
      `${who} does not answer as it should; try again later`,
    );
  }
}

function readBody(text: string): TokenRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TokenRequestError(400, 'invalid_request', 'the body is not JSON');
  }
  const parsed = tokenRequest.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path[0];
  const error =
    field === 'grant_type' ? 'unsupported_grant_type' : field === 'client_id' ? 'invalid_client' : 'invalid_request';
  throw new TokenRequestError(400, error, describeIssues(parsed.error));
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
