import type { TrueConfServerConfig } from 'connector-config';
import { isServerMatch, type TrueConfClient } from 'trueconf-client';

/** As much of a TrueConf Server as signing in asks for. */
export type UserSource = Pick<TrueConfClient, 'verifyPassword' | 'findUsersByEmail' | 'getUser' | 'close'>;

/** A TrueConf Server whose users may sign in. */
export interface SignInServer {
  readonly config: TrueConfServerConfig;
  readonly users: UserSource;
}

/** The servers through which users may sign in by one configuration. */
export class ServerSet {
  readonly all: readonly SignInServer[];

  constructor(servers: readonly SignInServer[]) {
    this.all = servers;
  }

  byId(serverId: string): SignInServer | undefined {
    return this.all.find(({ config }) => config.serverId === serverId);
  }

  /**
   * The server that a user name belongs to: the one that it names after its `@`, or the only one.
   *
   * @returns `ambiguous` when a name without a server could be of several; undefined when it names one that is not ours
   */
  ofUser(username: string): SignInServer | 'ambiguous' | undefined {
    const at = username.lastIndexOf('@');
    if (at < 0) return this.all.length > 1 ? 'ambiguous' : this.all[0];
    const domain = (username.slice(at + 1).split('/', 1)[0] ?? '').trim();
    return this.all.find(
      ({ config }) => isServerMatch(config.serverId, domain) || isServerMatch(new URL(config.url).hostname, domain),
    );
  }

  /** The TrueConf ID that the configuration maps an address to. */
  userIdOf(address: string): string | undefined {
    return this.all.find(({ config }) => config.users[address] !== undefined)?.config.users[address];
  }
}
