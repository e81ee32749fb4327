import { RateLimiterMemory } from 'rate-limiter-flexible';
import { countedNetwork } from '../transport/peer.ts';

const WINDOW_SECONDS = 15 * 60;

/**
 * Counts refused tokens per address, in this process. Nobody guesses a token; but whoever sends so many has no business
 * here, and the holder of a good one is not concerned.
 */
export class BadTokenLimit {
  readonly #counts = new RateLimiterMemory({ points: 1, duration: WINDOW_SECONDS });

  /** @returns whether this address has now sent more than `limit` bad tokens */
  async isBeyond(address: string, limit: number): Promise<boolean> {
    const { consumedPoints } = await this.#counts.penalty(countedNetwork(address));
    return consumedPoints > limit;
  }
}
