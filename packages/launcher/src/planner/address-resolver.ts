import {
  type AddressAnswer,
  answerAddresses,
  deferAddressQuestions,
  takeAddressQuestions,
} from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import type { TrueConfUser } from 'trueconf-client';
import { TrueConfError } from 'trueconf-client';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { TrueConfServer } from '../trueconf-server.ts';
import { UserListing } from './user-listing.ts';

const QUESTIONS_AT_ONCE = 20;
const TERMS = { answerWithinSeconds: 60, hitHours: 24, missHours: 1 };
const DEFER_MS = 5_000;
/** Outdated answers are looked for this often; new questions come with a wake-up. */
const REFRESH_MS = 30_000;

export interface AddressResolverOptions {
  readonly server: TrueConfServer;
  readonly database: Queryable;
  readonly running: RunningState;
  readonly log: Logger;
}

/**
 * Asks one TrueConf Server who is behind the addresses that planners need, outside any transaction, and asks again when
 * answers grow old.
 */
export class AddressResolver implements Service {
  readonly id: string;
  readonly #options: AddressResolverOptions;
  readonly #running: RunningState;
  readonly #listing: UserListing;

  constructor(options: AddressResolverOptions) {
    this.#options = options;
    this.id = `address resolver of ${options.server.serverId}`;
    this.#running = options.running.child(this.id);
    this.#listing = new UserListing(options.server);
  }

  async run(): Promise<void> {
    await runLoop(this.#running, this.#options.log, {
      name: this.id,
      every: REFRESH_MS,
      once: () => this.#answerAll(),
    });
  }

  stop(): void {
    this.#running.stop();
  }

  wake(): void {
    this.#running.wake();
  }

  async #answerAll(): Promise<void> {
    const { server, database } = this.#options;
    while (this.#running.shouldRun()) {
      if (server.condition.heldMs > 0) {
        await this.#running.sleep(server.condition.heldMs);
        continue;
      }
      const addresses = await takeAddressQuestions(database, server.serverId, QUESTIONS_AT_ONCE, TERMS);
      const results = await Promise.allSettled(addresses.map((address) => this.#answer(address)));
      const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      await answerAddresses(database, server.serverId, answers);
      const open = addresses.filter((_, index) => results[index]?.status === 'rejected');
      if (open.length > 0) await deferAddressQuestions(database, server.serverId, open, DEFER_MS);
      const defect = results.find(
        (result) => result.status === 'rejected' && !(result.reason instanceof TrueConfError),
      );
      if (defect?.status === 'rejected') throw defect.reason;
      if (addresses.length < QUESTIONS_AT_ONCE) break;
    }
  }

  async #answer(address: string): Promise<AddressAnswer> {
    const { server } = this.#options;
    const byEmail = await server.request('lookUp', (client, options) => client.findUsersByEmail(address, options));
    const found = this.#one(byEmail.filter(({ isActive }) => isActive));
    const { user, source } = found === 'nobody' ? this.#fromListing(await this.#listing.find(address)) : found;
    return { address, trueconfId: user?.id ?? null, source };
  }

  #one(users: readonly TrueConfUser[]): { user: TrueConfUser | null; source: string } | 'nobody' {
    const [user, second] = users;
    if (user === undefined) return 'nobody';
    // Whoever of them is meant, somebody else would be rung.
    return second === undefined ? { user, source: 'email' } : { user: null, source: 'ambiguous' };
  }

  #fromListing(users: readonly TrueConfUser[]): { user: TrueConfUser | null; source: string } {
    const found = this.#one(users);
    if (found === 'nobody') return { user: null, source: 'nobody' };
    return found.user === null ? found : { user: found.user, source: 'listing' };
  }
}
