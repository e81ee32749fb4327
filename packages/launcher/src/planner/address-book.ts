import type { AddressMapping, AddressQuestion } from 'calendar-db/conferences';
import { addressDomain, isDirectoryName } from 'calendar-model';
import type { PlanServer } from './plan-rules.ts';

/** A TrueConf ID, nobody, or not known yet. */
export type Lookup = { readonly found: string } | 'nobody' | 'unknown';

/**
 * Who is who on the TrueConf Servers: the explicit map first, then what the servers said. What is not known is noted as
 * a question for the server.
 */
export class AddressBook {
  readonly #known = new Map<string, string | null>();
  readonly #questions = new Map<string, AddressQuestion>();

  constructor(mappings: readonly AddressMapping[]) {
    for (const { serverId, address, trueconfId, known } of mappings) {
      if (known) this.#known.set(key(serverId, address), trueconfId);
    }
  }

  /** Everything that was looked up in vain because no server was asked yet. */
  get questions(): AddressQuestion[] {
    return [...this.#questions.values()];
  }

  /** @param names the person's canonical address first, then others by which the event names him */
  lookUp(server: PlanServer, names: readonly string[]): Lookup {
    const explicit = this.explicit(server, names);
    if (explicit !== null) return { found: explicit };
    const [address] = names;
    if (address === undefined || isDirectoryName(address) || !mayVouchFor(server, address)) return 'nobody';
    const known = this.#known.get(key(server.serverId, address));
    if (known !== undefined) return known === null ? 'nobody' : { found: known };
    this.#questions.set(key(server.serverId, address), { serverId: server.serverId, address });
    return 'unknown';
  }

  /** Only what the configuration itself says. */
  explicit(server: PlanServer, names: readonly string[]): string | null {
    for (const name of names) {
      const id = Object.hasOwn(server.users, name) ? server.users[name] : undefined;
      if (id !== undefined) return id;
    }
    return null;
  }
}

/** A server with `addressDomains` is not asked about other people's addresses. */
function mayVouchFor(server: PlanServer, address: string): boolean {
  return server.addressDomains.length === 0 || server.addressDomains.includes(addressDomain(address));
}

function key(serverId: string, address: string): string {
  return `${serverId}\n${address}`;
}
