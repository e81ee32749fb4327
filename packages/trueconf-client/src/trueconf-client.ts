import type { Conference, ConferenceInput, ConferencePatch, Invitation } from './conference.ts';
import type { TrueConfUser } from './trueconf-user.ts';

export interface TrueConfClientOptions {
  /** Server id from the configuration, with or without `#vcs`; it names the server in errors and shortens user ids. */
  serverId: string;
  /** Base address, `https://host[:port]`; plain `http` only makes sense for tests and a local proxy. */
  url: string;
  clientId: string;
  clientSecret: string;
  /** PEM certificates trusted besides the system's. */
  ca?: string;
  /** Whole-request limit in ms: waiting for a connection, sending and reading the answer. Default 10 000. */
  timeoutMs?: number;
  /** Most connections open at once. Default 10. */
  connections?: number;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Replaces the client's `timeoutMs` for this call. */
  timeoutMs?: number | undefined;
  /**
   * Runs when everything (token, body) is at hand, right before the request is handed to a connection, and again
   * before its one repetition after an expired token. What it throws is passed on and nothing is sent.
   */
  beforeSend?: (() => void | Promise<void>) | undefined;
}

/** TrueConf Server REST API: conferences by v4, users by v3.11 (trueconf.md section 2). Throws `TrueConfError`. */
export declare class TrueConfClient {
  constructor(options: TrueConfClientOptions);
  /** Fetches a token and opens up to `connections` idle connections, so that a burst of requests does not pay for them. */
  warmUp(connections?: number, options?: RequestOptions): Promise<void>;
  createConference(input: ConferenceInput, options?: RequestOptions): Promise<Conference>;
  /** null when the server has no such conference. */
  getConference(cid: string, options?: RequestOptions): Promise<Conference | null>;
  updateConference(cid: string, patch: ConferencePatch, options?: RequestOptions): Promise<Conference>;
  deleteConference(cid: string, options?: RequestOptions): Promise<'deleted' | 'absent'>;
  runConference(cid: string, options?: RequestOptions): Promise<void>;
  stopConference(cid: string, options?: RequestOptions): Promise<void>;
  /** Calls these users into a running conference. */
  inviteParticipants(cid: string, ids: string[], options?: RequestOptions): Promise<void>;
  listInvitations(cid: string, options?: RequestOptions): Promise<Invitation[]>;
  addInvitation(cid: string, invitation: Invitation, options?: RequestOptions): Promise<void>;
  removeInvitation(cid: string, id: string, options?: RequestOptions): Promise<'removed' | 'absent'>;
  findUsersByEmail(email: string, options?: RequestOptions): Promise<TrueConfUser[]>;
  getUser(id: string, options?: RequestOptions): Promise<TrueConfUser | null>;
  listUsers(options?: RequestOptions): AsyncIterable<TrueConfUser>;
  /** The active user whose password this is; null when name or password is wrong. */
  verifyPassword(username: string, password: string, options?: RequestOptions): Promise<TrueConfUser | null>;
  getServer(options?: RequestOptions): Promise<{ name: string; version: string }>;
  close(): Promise<void>;
}
