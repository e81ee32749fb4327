import type { SecretKey } from 'connector-config';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

/** How long an access token is good for, seconds. */
export const ACCESS_TOKEN_SECONDS = 3_600;

const ALGORITHM = 'HS256';
const AUDIENCE = 'trueconf-calendar';

const claims = z.object({
  sub: z.string().min(1),
  srv: z.string().min(1),
  adr: z.array(z.string()),
  exp: z.number(),
});

/** Whom an access token names. */
export interface TokenHolder {
  readonly serverId: string;
  /** TrueConf ID with its server. */
  readonly userId: string;
  readonly addresses: readonly string[];
}

/** An access token is not accepted; the message is for its bearer. */
export class TokenRefusedError extends Error {
  readonly code: 'token-expired' | 'token-invalid';

  constructor(code: 'token-expired' | 'token-invalid') {
    super(
      code === 'token-expired'
        ? 'the token has expired; get a new one'
        : 'the token was not issued by this connector, or with another key; get a new one',
    );
    this.name = new.target.name;
    this.code = code;
  }
}

/** Issues and checks access tokens: JWTs (RFC 7519) signed with a key derived from the connector's key file. */
export class AccessTokens {
  readonly #secret: Buffer;
  readonly #keyId: string;
  readonly #now: () => number;

  /** @param now unix ms by the database's clock, which is the same for all gateways */
  constructor(key: SecretKey, now: () => number) {
    this.#secret = key.derive('access-token');
    this.#keyId = key.id;
    this.#now = now;
  }

  /** @returns the token and when it expires, unix seconds */
  async issue(holder: TokenHolder): Promise<{ token: string; expiresAt: number }> {
    const issuedAt = Math.floor(this.#now() / 1000);
    const expiresAt = issuedAt + ACCESS_TOKEN_SECONDS;
    const token = await new SignJWT({ srv: holder.serverId, adr: [...holder.addresses] })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: this.#keyId })
      .setSubject(holder.userId)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#secret);
    return { token, expiresAt };
  }

  /**
   * @returns the holder and when the token expires, unix ms
   * @throws TokenRefusedError
   */
  async verify(token: string): Promise<TokenHolder & { expiresAt: number }> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        currentDate: new Date(this.#now()),
        requiredClaims: ['exp', 'sub', 'iat'],
      });
      const { sub, srv, adr, exp } = claims.parse(payload);
      return { userId: sub, serverId: srv, addresses: adr, expiresAt: exp * 1000 };
    } catch (error) {
      throw new TokenRefusedError(error instanceof errors.JWTExpired ? 'token-expired' : 'token-invalid');
    }
  }
}
