import { canonicalAddress } from 'calendar-model';
import type { TrueConfUser } from 'trueconf-client';
import type { TrueConfServer } from '../trueconf-server.ts';

/** Reading every user of a large server is expensive. */
const FRESH_MS = 6 * 3_600_000;

/**
 * All active users of a server by address, for servers whose look-up by address is particular about capital letters.
 * Read when first needed and again after six hours.
 */
export class UserListing {
  readonly #server: TrueConfServer;
  #reading: Promise<Map<string, TrueConfUser[]>> | undefined;
  #readAt = 0;

  constructor(server: TrueConfServer) {
    this.#server = server;
  }

  /** @throws TrueConfError when the users cannot be read */
  async find(address: string): Promise<readonly TrueConfUser[]> {
    if (this.#reading === undefined || performance.now() - this.#readAt > FRESH_MS) {
      this.#readAt = performance.now();
      this.#reading = this.#read();
    }
    try {
      return (await this.#reading).get(address) ?? [];
    } catch (error) {
      this.#reading = undefined;
      throw error;
    }
  }

  async #read(): Promise<Map<string, TrueConfUser[]>> {
    const users = new Map<string, TrueConfUser[]>();
    await this.#server.request('lookUp', async (client, options) => {
      for await (const user of client.listUsers(options)) {
        const address = canonicalAddress(user.email ?? '');
        if (address === '' || !user.isActive) continue;
        users.set(address, [...(users.get(address) ?? []), user]);
      }
    });
    return users;
  }
}
