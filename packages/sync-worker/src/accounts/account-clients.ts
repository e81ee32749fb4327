import type { EwsCalendarReader, SignInGate, UserPlace } from 'ews-client';

/** Asks where users' mailboxes are; `AutodiscoverClient` is the real one. */
export interface PlaceReader {
  /** One answer for each address, in their order. */
  userSettings(addresses: readonly string[], signal: AbortSignal): Promise<UserPlace[]>;
  close(): Promise<void>;
}

/** Makes the clients of one account. */
export interface OpenClients {
  /** @param url where the mailboxes are that it reads; null: at the provider's own address */
  reader(url: string | null): EwsCalendarReader;
  placeReader(): PlaceReader;
}

/** One account's clients, each made when it is first needed: one for every address at which mailboxes are read. */
export class AccountClients {
  readonly #open: OpenClients;
  readonly #readers = new Map<string | null, EwsCalendarReader>();
  #places: PlaceReader | undefined;

  /** Opens the provider's own reader, so that an option which cannot work is found at once. */
  constructor(open: OpenClients) {
    this.#open = open;
    this.reader(null);
  }

  reader(url: string | null): EwsCalendarReader {
    const known = this.#readers.get(url);
    if (known !== undefined) return known;
    const reader = this.#open.reader(url);
    this.#readers.set(url, reader);
    return reader;
  }

  get places(): PlaceReader {
    this.#places ??= this.#open.placeReader();
    return this.#places;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readers.values(), ...(this.#places ? [this.#places] : [])].map((one) => one.close()));
  }
}

/** The gate for a service beside EWS: what it refuses may be its own setting, so nobody stops an account for it. */
export function uncountedGate(gate: SignInGate): SignInGate {
  return {
    enter: async (signal, proof) => {
      const use = await gate.enter(signal, proof);
      return { ...use, refused: () => use.unanswered(false) };
    },
  };
}
