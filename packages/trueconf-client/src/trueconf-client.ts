import { z } from 'zod';
import { type ApiCall, ApiSession, readReply } from './api-session.ts';
import type { Conference, ConferenceInput, ConferencePatch, Invitation } from './conference.ts';
import { createBody, invitationBody, patchBody } from './conference-body.ts';
import { conferenceReply, invitationsReply } from './conference-reply.ts';
import { checkOptions, type RequestOptions, type TrueConfClientOptions } from './trueconf-client-options.ts';
import { TrueConfError } from './trueconf-error.ts';
import type { TrueConfUser } from './trueconf-user.ts';
import { UserDirectory } from './user-directory.ts';

const conferencesPath = '/api/v4/conferences';

/**
 * REST API of one TrueConf Server (5.5 or newer): conferences by API v4, users by v3.11.
 * Every method throws {@link TrueConfError} and, besides, only what `beforeSend` threw. Nothing is repeated except
 * once with a new token.
 */
export class TrueConfClient {
  readonly #session: ApiSession;
  readonly #users: UserDirectory;
  readonly #connections: number;

  /** No request is made yet. @throws TrueConfError `trueconf-bad-url` for an address that is not http(s). */
  constructor(options: TrueConfClientOptions) {
    const { origin, connections } = checkOptions(options);
    this.#connections = connections;
    this.#session = new ApiSession(options, origin, connections);
    this.#users = new UserDirectory(this.#session, options.serverId);
  }

  /** Fetches a token and opens idle connections (all by default), so that a burst of requests does not pay for them. */
  async warmUp(connections = this.#connections, options?: RequestOptions): Promise<void> {
    const many = Math.min(Math.max(connections, 1), this.#connections);
    await this.#session.prepareToken(options?.signal);
    await Promise.all(Array.from({ length: many }, () => this.getServer(options)));
  }

  /** @throws TrueConfError of class `conflict` when the wanted id is taken. */
  async createConference(input: ConferenceInput, options?: RequestOptions): Promise<Conference> {
    const operation = 'create a conference';
    if (input.id !== undefined) checkCid(input.id, this.#session.where(operation));
    const call = { operation, method: 'POST', path: conferencesPath, json: createBody(input) } as const;
    return this.#conference(call, input.id, options);
  }

  /** null when the server has no such conference. */
  async getConference(cid: string, options?: RequestOptions): Promise<Conference | null> {
    const operation = 'read a conference';
    try {
      const json = await this.#session.call({ operation, method: 'GET', path: this.#path(operation, cid) }, options);
      return readReply(this.#session.where(operation), conferenceReply, json);
    } catch (error) {
      return whenNotFound(error, null);
    }
  }

  /** Changes the given fields only. Invitations have their own calls. */
  async updateConference(cid: string, patch: ConferencePatch, options?: RequestOptions): Promise<Conference> {
    const operation = 'change a conference';
    const path = this.#path(operation, cid);
    return this.#conference({ operation, method: 'PATCH', path, json: patchBody(patch) }, cid, options);
  }

  async deleteConference(cid: string, options?: RequestOptions): Promise<'deleted' | 'absent'> {
    const operation = 'delete a conference';
    try {
      await this.#session.call({ operation, method: 'DELETE', path: this.#path(operation, cid) }, options);
      return 'deleted';
    } catch (error) {
      return whenNotFound(error, 'absent');
    }
  }

  /** Starts it. What the server says to a running one is not documented: after any refusal ask `getConference`. */
  async runConference(cid: string, options?: RequestOptions): Promise<void> {
    await this.#act(cid, 'run', 'run a conference', undefined, options);
  }

  async stopConference(cid: string, options?: RequestOptions): Promise<void> {
    await this.#act(cid, 'stop', 'stop a conference', undefined, options);
  }

  /** Calls these users into a running conference. Without ids nothing is sent. */
  async inviteParticipants(cid: string, ids: string[], options?: RequestOptions): Promise<void> {
    if (ids.length > 0) await this.#act(cid, 'invite', 'call participants', { participants: ids }, options);
  }

  async listInvitations(cid: string, options?: RequestOptions): Promise<Invitation[]> {
    const operation = 'list invitations';
    const path = `${this.#path(operation, cid)}/invitations`;
    const json = await this.#session.call({ operation, method: 'GET', path }, options);
    return readReply(this.#session.where(operation), invitationsReply, json);
  }

  /** Puts a person on the list; being there already is fine. `isModerator` is ignored by the server here. */
  async addInvitation(cid: string, invitation: Invitation, options?: RequestOptions): Promise<void> {
    try {
      const json = { invitation: invitationBody(invitation) };
      await this.#act(cid, 'invitations', 'add an invitation', json, options);
    } catch (error) {
      if (!(error instanceof TrueConfError) || error.errorClass !== 'conflict') throw error;
    }
  }

  /** @throws TrueConfError of class `notFound` when the conference itself is gone. */
  async removeInvitation(cid: string, id: string, options?: RequestOptions): Promise<'removed' | 'absent'> {
    const operation = 'remove an invitation';
    const path = `${this.#path(operation, cid)}/invitations/${encodeURIComponent(id)}`;
    try {
      await this.#session.call({ operation, method: 'DELETE', path }, options);
      return 'removed';
    } catch (error) {
      if (error instanceof TrueConfError && error.reason === 'conferenceNotFound') throw error;
      return whenNotFound(error, 'absent');
    }
  }

  /** All users with exactly this address, case aside; addresses are not unique on a server. */
  async findUsersByEmail(email: string, options?: RequestOptions): Promise<TrueConfUser[]> {
    return this.#users.byEmail(email, options);
  }

  async getUser(id: string, options?: RequestOptions): Promise<TrueConfUser | null> {
    return this.#users.byId(id, options);
  }

  /** Every user of the server, page by page. */
  listUsers(options?: RequestOptions): AsyncIterable<TrueConfUser> {
    return this.#users.list({}, options);
  }

  /**
   * The active user whose password this is; null when name or password is wrong or the user is switched off. The
   * user's token is thrown away, the profile is read as the application.
   *
   * @throws TrueConfError when it could not be found out; `trueconf-ambiguous-user` when the name is one user's login
   * and another's id.
   */
  async verifyPassword(username: string, password: string, options: RequestOptions = {}): Promise<TrueConfUser | null> {
    return this.#users.verifyPassword(username, password, options);
  }

  /** Needs no token. */
  async getServer(options?: RequestOptions): Promise<{ name: string; version: string }> {
    const operation = 'ask for the version';
    const json = await this.#session.callOpenly({ operation, method: 'GET', path: '/api/v4/server' }, options);
    return readReply(this.#session.where(operation), serverReply, json);
  }

  /** Ends what is under way and closes the connections. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async #act(cid: string, verb: string, operation: string, json: unknown, options?: RequestOptions): Promise<void> {
    const path = `${this.#path(operation, cid)}/${verb}`;
    await this.#session.call({ operation, method: 'POST', path, json }, options);
  }

  /** Calls and reads the conference in the answer; an empty answer is followed by a read. */
  async #conference(call: ApiCall, cid: string | undefined, options?: RequestOptions): Promise<Conference> {
    const json = await this.#session.call(call, options);
    const bodiless = json === undefined && cid !== undefined ? await this.getConference(cid, options) : null;
    return bodiless ?? readReply(this.#session.where(call.operation), conferenceReply, json);
  }

  #path(operation: string, cid: string): string {
    checkCid(cid, this.#session.where(operation));
    return `${conferencesPath}/${cid}`;
  }
}

const serverReply = z
  .object({ product: z.object({ display_name: z.string(), version: z.string() }) })
  .transform(({ product }) => ({ name: product.display_name, version: product.version }));

/** Letters, digits, underscore, 1 to 128; anything else could lead to another path. */
function checkCid(cid: string, where: string): void {
  if (/^[A-Za-z0-9_]{1,128}$/.test(cid)) return;
  throw new TrueConfError(`${where}: the conference id has to be 1 to 128 letters, digits or underscores`, {
    code: 'trueconf-bad-input',
    errorClass: 'permanent',
    sent: 'no',
  });
}

function whenNotFound<Value>(error: unknown, value: Value): Value {
  if (error instanceof TrueConfError && error.errorClass === 'notFound') return value;
  throw error;
}
