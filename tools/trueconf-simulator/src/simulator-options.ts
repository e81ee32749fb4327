/** A user of the simulated server. */
export interface SimulatedUser {
  /** Short id, `anna`. */
  id: string;
  email?: string | undefined;
  displayName?: string | undefined;
  loginName?: string | undefined;
  password?: string | undefined;
  /** Default true. */
  active?: boolean | undefined;
}

/** An OAuth application as an administrator would make it. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  /** For example `conferences`, `users:read`. */
  scopes: string[];
}

export interface TrueConfSimulatorOptions {
  /** Address for both listeners. Default 127.0.0.1. */
  host?: string | undefined;
  /** Port of the REST API; 0 (default) takes a free one. */
  port?: number | undefined;
  /** Port of the control API; 0 (default) takes a free one. */
  controlPort?: number | undefined;
  /** As in `conf.example`, without `#vcs`. */
  serverId?: string | undefined;
  /** PEM key and certificate for the REST API; the control API stays plain. */
  tls?: { key: string; cert: string } | undefined;
  users?: SimulatedUser[] | undefined;
  oauthApps?: OAuthApp[] | undefined;
  /** Lifetime of access tokens in seconds. Default 3600. */
  tokenLifetimeSeconds?: number | undefined;
  /** File to which every finished journal entry is appended as one JSON line. */
  journalFile?: string | undefined;
  /** Entries kept in memory. Default 100 000. */
  journalSize?: number | undefined;
}

/** Application used when none is given. */
export const defaultOAuthApp: OAuthApp = {
  clientId: 'calendar-connector',
  clientSecret: 'simulator-secret',
  scopes: ['conferences', 'conferences.invitations', 'conferences.participants:read', 'users', 'version:read'],
};
