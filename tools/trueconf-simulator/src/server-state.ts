import { ConferenceStore } from './conference-store.ts';
import type { OAuthApp, SimulatedUser } from './simulator-options.ts';
import { TokenStore } from './token-store.ts';
import { UserDirectory } from './user-directory.ts';

/** How the simulator behaves where the real server's behaviour is not known; the control API changes it. */
export interface Settings {
  /** `run` of a running conference: 400 `conferenceAlreadyRunning`, or 200 without effect. */
  runWhenRunning: 'refuse' | 'accept';
  /** Invitations of unknown users of this server: kept as they are, or 404 `userNotFound`. */
  unknownInvitees: 'accept' | 'refuse';
  /** Number of the first page of `GET /users`. */
  firstUserPage: 0 | 1;
  /** `email` filter of `GET /users`: any address holding the text, or the whole address. */
  emailFilter: 'contains' | 'equals';
  /** Answer of run, stop, invite and delete. */
  emptyReplies: '200' | '204';
}

const defaultSettings: Settings = {
  runWhenRunning: 'refuse',
  unknownInvitees: 'accept',
  firstUserPage: 1,
  emailFilter: 'contains',
  emptyReplies: '200',
};

/** All that the simulated server knows. */
export class ServerState {
  readonly serverId: string;
  readonly users: UserDirectory;
  readonly conferences: ConferenceStore;
  readonly tokens: TokenStore;
  readonly apps = new Map<string, OAuthApp>();
  settings: Settings = { ...defaultSettings };
  /** Base of the links in answers; set once the listener knows its port. */
  publicUrl = '';
  readonly #options: InitialState;

  constructor(options: InitialState) {
    this.#options = options;
    this.serverId = options.serverId;
    this.users = new UserDirectory(options.serverId);
    this.tokens = new TokenStore(options.tokenLifetimeSeconds);
    this.conferences = new ConferenceStore(options.serverId, options.now, (id) => this.users.fullId(id));
    this.reset();
  }

  /** Back to the state of the start; tokens are revoked. */
  reset(): void {
    this.conferences.clear();
    this.users.clear();
    this.tokens.revokeAll();
    this.tokens.lifetimeSeconds = this.#options.tokenLifetimeSeconds;
    this.apps.clear();
    this.settings = { ...defaultSettings };
    for (const user of this.#options.users) this.users.put(user);
    for (const app of this.#options.oauthApps) this.apps.set(app.clientId, app);
  }
}

export interface InitialState {
  serverId: string;
  users: SimulatedUser[];
  oauthApps: OAuthApp[];
  tokenLifetimeSeconds: number;
  now: () => number;
}
