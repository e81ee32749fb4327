import { randomBytes } from 'node:crypto';

/** Who a token speaks for: the whole server (an application) or one user. */
export interface Caller {
  userId: string | null;
  clientId: string;
  scopes: string[];
}

interface Issued {
  caller: Caller;
  expiresAtMs: number;
}

/** Opaque access and refresh tokens. */
export class TokenStore {
  #access = new Map<string, Issued>();
  #refresh = new Map<string, Caller>();
  lifetimeSeconds: number;

  constructor(lifetimeSeconds: number) {
    this.lifetimeSeconds = lifetimeSeconds;
  }

  issue(caller: Caller): Record<string, unknown> {
    const token = randomBytes(24).toString('hex');
    this.#access.set(token, { caller, expiresAtMs: Date.now() + this.lifetimeSeconds * 1000 });
    const reply: Record<string, unknown> = {
      access_token: token,
      expires_in: this.lifetimeSeconds,
      token_type: 'Bearer',
      scope: caller.scopes.join(' '),
    };
    if (caller.userId !== null) {
      const refresh = randomBytes(24).toString('hex');
      this.#refresh.set(refresh, caller);
      reply.refresh_token = refresh;
    }
    return reply;
  }

  /** The caller of a token that is known and not expired. */
  check(token: string): Caller | null {
    const issued = this.#access.get(token);
    if (issued === undefined) return null;
    if (issued.expiresAtMs > Date.now()) return issued.caller;
    this.#access.delete(token);
    return null;
  }

  /** Refresh tokens are good for one use. */
  takeRefresh(token: string): Caller | null {
    const caller = this.#refresh.get(token) ?? null;
    this.#refresh.delete(token);
    return caller;
  }

  revoke(token: string): void {
    this.#access.delete(token);
  }

  /** @returns how many access tokens were revoked. */
  revokeAll(): number {
    const count = this.#access.size;
    this.#access.clear();
    this.#refresh.clear();
    return count;
  }
}
