import { readFileSync } from 'node:fs';
import type { ConnectorConfig, SecretKey, TrueConfServerConfig } from 'connector-config';
import { usableServers } from 'connector-config';
import { TrueConfClient } from 'trueconf-client';
import type { Logger } from 'worker-kit';
import { ServerSet, type UserSource } from './server-set.ts';

type Sections = Pick<ConnectorConfig, 'trueconfServers' | 'productWhitelist'>;

/** Opens a client of one server. May throw when the server's secret or certificates cannot be used. */
export type OpenClient = (server: TrueConfServerConfig) => UserSource;

/** The clients of one configuration and how much is under way with them. */
interface Generation {
  readonly servers: ServerSet;
  uses: number;
}

/**
 * The servers that are both configured and whitelisted, each with a client of its own. A reload brings other clients; those
 * that it replaces are closed once nothing is under way with them.
 */
export class TrueConfServers {
  readonly #openClient: OpenClient;
  readonly #log: Logger;
  #generation: Generation = { servers: new ServerSet([]), uses: 0 };
  /** Replaced, and still in use. */
  readonly #replaced = new Set<Generation>();

  constructor(openClient: OpenClient, log: Logger) {
    this.#openClient = openClient;
    this.#log = log;
  }

  /** The servers by the configuration in force, for what does not wait. What waits for a client goes through `use`. */
  get current(): ServerSet {
    return this.#generation.servers;
  }

  /**
   * Opens the clients of a configuration. A server that cannot be used is logged and left out.
   *
   * @returns puts these clients in place of the present ones; if it is never called, nothing is to be closed
   */
  prepare(config: Sections): () => void {
    const servers = new ServerSet(usableServers(config).flatMap((server) => this.#open(server)));
    return () => {
      const old = this.#generation;
      this.#generation = { servers, uses: 0 };
      this.#replaced.add(old);
      this.#closeUnused(old);
    };
  }

  /** Does what waits for a TrueConf Server, with clients that stay open until it has ended. */
  async use<T>(work: (servers: ServerSet) => Promise<T>): Promise<T> {
    const generation = this.#generation;
    generation.uses++;
    try {
      return await work(generation.servers);
    } finally {
      generation.uses--;
      this.#closeUnused(generation);
    }
  }

  /** Closes all clients at once; what is under way with them fails. */
  async close(): Promise<void> {
    const generations = [...this.#replaced, this.#generation];
    this.#replaced.clear();
    this.#generation = { servers: new ServerSet([]), uses: 0 };
    await Promise.all(generations.flatMap(({ servers }) => servers.all.map(({ users }) => users.close())));
  }

  #closeUnused(generation: Generation): void {
    if (generation.uses > 0 || !this.#replaced.delete(generation)) return;
    for (const { users, config } of generation.servers.all) {
      users.close().catch((error: unknown) => {
        const { serverId } = config;
        this.#log.warn('sign-in.close-failed', `connections to ${serverId} could not be closed`, { serverId, error });
      });
    }
  }

  #open(config: TrueConfServerConfig) {
    try {
      return [{ config, users: this.#openClient(config) }];
    } catch (error) {
      const { serverId } = config;
      this.#log.error('sign-in.server-unusable', `nobody can sign in through ${serverId}`, { serverId, error });
      return [];
    }
  }
}

/**
 * Opens real clients.
 *
 * @param key decrypts the servers' secrets
 */
export function trueConfClients(key: () => SecretKey): OpenClient {
  return ({ serverId, url, clientId, clientSecret, tls }) => {
    const ca = tls.ca === undefined ? {} : { ca: readFileSync(tls.ca, 'utf8') };
    return new TrueConfClient({ serverId, url, clientId, clientSecret: clientSecret.reveal(key()), ...ca });
  };
}
