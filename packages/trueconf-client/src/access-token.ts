import { performance } from 'node:perf_hooks';
import { z } from 'zod';

export interface IssuedToken {
  token: string;
  lifetimeSeconds: number;
}

/** Answer of both token endpoints; without `expires_in` the token counts as good for five minutes. */
export const tokenReply = z
  .object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive().catch(300) })
  .transform((raw): IssuedToken => ({ token: raw.access_token, lifetimeSeconds: raw.expires_in }));

/**
 * Keeps one access token. It is renewed in the background during the last tenth of its life (at most a minute), so
 * that no request has to wait for it; whatever the number of callers, one request for a token is under way.
 */
export class AccessToken {
  readonly #fetch: () => Promise<IssuedToken>;
  readonly #now: () => number;
  #current: { token: string; renewAtMs: number; endsAtMs: number } | null = null;
  #pending: Promise<string> | null = null;

  /** @param now monotonic clock in ms. */
  constructor(fetch: () => Promise<IssuedToken>, now: () => number = () => performance.now()) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** A token that has not expired. Rejects with the error of the fetch. */
  async get(): Promise<string> {
    const now = this.#now();
    if (this.#current === null || now >= this.#current.endsAtMs) return this.#renew();
    // A failed early renewal costs nothing: the next caller tries again.
    if (now >= this.#current.renewAtMs) this.#renew().catch(() => undefined);
    return this.#current.token;
  }

  /** Forgets a token that the server no longer accepts, unless it was replaced meanwhile. */
  discard(token: string): void {
    if (this.#current?.token === token) this.#current = null;
  }

  #renew(): Promise<string> {
    this.#pending ??= this.#fetchAndKeep().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  async #fetchAndKeep(): Promise<string> {
    const askedAtMs = this.#now();
    const { token, lifetimeSeconds } = await this.#fetch();
    const lifetimeMs = lifetimeSeconds * 1000;
    const endsAtMs = askedAtMs + lifetimeMs;
    this.#current = { token, endsAtMs, renewAtMs: endsAtMs - Math.min(60_000, lifetimeMs / 10) };
    return token;
  }
}
