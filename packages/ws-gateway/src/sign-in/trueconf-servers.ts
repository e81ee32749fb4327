import { readFileSync } from 'node:fs';
import type { ConnectorConfig, SecretKey, TrueConfServerConfig } from 'connector-config';
import { usableServers } from 'connector-config';
import { isServerMatch, TrueConfClient } from 'trueconf-client';
import type { Logger } from 'worker-kit';

/** As much of a TrueConf Server as signing in asks for. */
export type UserSource = Pick<TrueConfClient, 'verifyPassword' | 'findUsersByEmail' | 'getUser' | 'close'>;

/** A TrueConf Server whose people may sign in. */
export interface SignInServer {
  readonly config: TrueConfServerConfig;
  readonly users: UserSource;
}

type Sections = Pick<ConnectorConfig, 'trueconfServers' | 'productWhitelist'>;

/** The servers that are both configured and whitelisted, each with a client of its own. */
export class TrueConfServers {
  readonly #key: () => SecretKey;
  readonly #log: Logger;
  #servers: readonly SignInServer[] = [];

  constructor(key: () => SecretKey, log: Logger) {
    this.#key = key;
    this.#log = log;
  }

  get all(): readonly SignInServer[] {
    return this.#servers;
  }

  /** Takes over what the config says now. A server that cannot be used is said and left out. */
  configure(config: Sections): void {
    const old = this.#servers;
    this.#servers = usableServers(config).flatMap((server) => this.#open(server));
    for (const { users } of old) void users.close();
  }

  byId(serverId: string): SignInServer | undefined {
    return this.#servers.find(({ config }) => config.serverId === serverId);
  }

  /**
   * The server that a user name belongs to: the one that it names after its `@`, or the only one.
   *
   * @returns `ambiguous` when a name without a server could be of several; undefined when it names one that is not ours
   */
  ofUser(username: string): SignInServer | 'ambiguous' | undefined {
    const at = username.lastIndexOf('@');
    if (at < 0) return this.#servers.length > 1 ? 'ambiguous' : this.#servers[0];
    const domain = (username.slice(at + 1).split('/', 1)[0] ?? '').trim();
    return this.#servers.find(
      ({ config }) => isServerMatch(config.serverId, domain) || isServerMatch(new URL(config.url).hostname, domain),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(({ users }) => users.close()));
    this.#servers = [];
  }

  #open(server: TrueConfServerConfig): SignInServer[] {
    const { serverId, url, clientId, tls } = server;
    try {
      const ca = tls.ca === undefined ? {} : { ca: readFileSync(tls.ca, 'utf8') };
      const clientSecret = server.clientSecret.reveal(this.#key());
      return [{ config: server, users: new TrueConfClient({ serverId, url, clientId, clientSecret, ...ca }) }];
    } catch (error) {
      this.#log.error('sign-in.server-unusable', `nobody can sign in through ${serverId}`, { serverId, error });
      return [];
    }
  }
}
