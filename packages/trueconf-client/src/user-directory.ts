import { canonicalAddress } from 'calendar-model';
import { z } from 'zod';
import { type ApiSession, readReply } from './api-session.ts';
import { replyError, replyReason } from './reply-error.ts';
import type { RequestOptions } from './trueconf-client-options.ts';
import { TrueConfError } from './trueconf-error.ts';
import { canonicalTrueConfId } from './trueconf-id.ts';
import type { TrueConfUser } from './trueconf-user.ts';
import { userReply, usersPageReply } from './user-reply.ts';

/** v4's own filters are not documented; v3.11 lives on the same servers. */
const usersPath = '/api/v3.11/users';
const mostPages = 10_000;

/** Users of one server: look-up, listing and proof of a password. */
export class UserDirectory {
  readonly #session: ApiSession;
  readonly #serverId: string;

  constructor(session: ApiSession, serverId: string) {
    this.#session = session;
    this.#serverId = serverId;
  }

  async byEmail(email: string, options?: RequestOptions): Promise<TrueConfUser[]> {
    const wanted = canonicalAddress(email);
    if (wanted === '') return [];
    return this.#collect({ email: wanted }, (user) => canonicalAddress(user.email ?? '') === wanted, options);
  }

  async byId(id: string, options?: RequestOptions): Promise<TrueConfUser | null> {
    const short = canonicalTrueConfId(id, this.#serverId);
    if (!/^[^/\s]{1,254}$/.test(short) || short === '.' || short === '..') return null;
    const operation = 'read a user';
    try {
      const call = { operation, method: 'GET', path: `${usersPath}/${encodeURIComponent(short)}` } as const;
      const json = await this.#session.call(call, options);
      const envelope = z.object({ user: userReply(this.#serverId) }).transform(({ user }) => user);
      return readReply(this.#session.where(operation), envelope.or(userReply(this.#serverId)), json);
    } catch (error) {
      if (error instanceof TrueConfError && error.errorClass === 'notFound') return null;
      throw error;
    }
  }

  async *list(filter: Record<string, string> = {}, options?: RequestOptions): AsyncGenerator<TrueConfUser> {
    const operation = 'list users';
    const seen = new Set<number>();
    let page: number | null = null;
    while (seen.size < mostPages) {
      const query = new URLSearchParams({ ...filter, page_size: '200' });
      if (page !== null) query.set('page_id', String(page));
      const json = await this.#session.call({ operation, method: 'GET', path: `${usersPath}?${query}` }, options);
      const reply: { users: TrueConfUser[]; nextPage: number | null } = readReply(
        this.#session.where(operation),
        usersPageReply(this.#serverId),
        json,
      );
      yield* reply.users;
      // A server that names a page twice would be followed for ever.
      if (reply.nextPage === null || seen.has(reply.nextPage)) return;
      page = reply.nextPage;
      seen.add(page);
    }
  }

  /** See `TrueConfClient.verifyPassword`. */
  async verifyPassword(username: string, password: string, options: RequestOptions): Promise<TrueConfUser | null> {
    if (username.trim() === '' || password === '' || username.length > 254 || password.length > 1024) return null;
    if (!(await this.#isPassword(username, password, options))) return null;
    const user = await this.#signedIn(username, options);
    return user?.isActive ? user : null;
  }

  async #isPassword(username: string, password: string, options: RequestOptions): Promise<boolean> {
    let reply = await this.#session.passwordGrant('/api/v4/oauth2/token', username, password, options);
    if (reply.status === 404 && replyReason(reply) === 'routeNotFound') {
      reply = await this.#session.passwordGrant('/oauth2/v1/token', username, password, options);
    }
    if (reply.status >= 200 && reply.status <= 299) {
      return readReply(this.#session.where('check a password'), tokenGiven, reply.text);
    }
    if (isWrongPassword(reply.status, replyReason(reply))) return false;
    throw replyError(this.#session.where('check a password'), reply);
  }

  /** The profile behind a user name that just proved its password: by login name, else by id. */
  async #signedIn(username: string, options: RequestOptions): Promise<TrueConfUser | null> {
    const { beforeSend: _, ...rest } = options;
    const name = canonicalTrueConfId(username, this.#serverId);
    const isLogin = (user: TrueConfUser) => user.loginName?.toLowerCase() === name;
    const [byLogin, byId] = await Promise.all([
      this.#collect({ login_name: name }, isLogin, rest),
      this.byId(name, rest),
    ]);
    const candidates = new Map([...byLogin, ...(byId ? [byId] : [])].map((user) => [user.id, user]));
    if (candidates.size <= 1) return [...candidates.values()][0] ?? null;
    // One person's login may be another's id: guessing would show somebody else's calendar.
    throw new TrueConfError(`${this.#session.where('check a password')}: the user name belongs to several users`, {
      code: 'trueconf-ambiguous-user',
      errorClass: 'permanent',
      sent: 'yes',
    });
  }

  async #collect(
    filter: Record<string, string>,
    wanted: (user: TrueConfUser) => boolean,
    options: RequestOptions | undefined,
  ): Promise<TrueConfUser[]> {
    const found: TrueConfUser[] = [];
    for await (const user of this.list(filter, options)) if (wanted(user)) found.push(user);
    return found;
  }
}

/** The token itself is thrown away: only the proof was wanted. */
const tokenGiven = z.string().transform((text, context) => {
  if (/"access_token"\s*:\s*"[^"]/.test(text)) return true;
  context.addIssue({ code: 'custom', message: 'no access token in it' });
  return z.NEVER;
});

/** Spelling differs between server versions; everything about the application itself is not a wrong password. */
function isWrongPassword(status: number, reason: string | null | undefined): boolean {
  const about = reason?.toLowerCase().replaceAll(/[^a-z]/g, '') ?? '';
  if (['invalidcredentials', 'invalidgrant', 'usernotfound'].includes(about)) return status < 500;
  return status === 401 && reason === null;
}
