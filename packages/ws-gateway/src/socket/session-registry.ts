import type { Identity, Session } from './session.ts';

/** All open sockets of this process, and how many each user has. */
export class SessionRegistry {
  readonly #sessions = new Set<Session>();
  readonly #byUser = new Map<string, Set<Session>>();

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values();
  }

  add(session: Session): void {
    this.#sessions.add(session);
  }

  remove(session: Session): void {
    this.#sessions.delete(session);
    if (session.identity === undefined) return;
    const key = userKey(session.identity);
    const sockets = this.#byUser.get(key);
    sockets?.delete(session);
    if (sockets?.size === 0) this.#byUser.delete(key);
  }

  /**
   * Counts a socket for its user.
   *
   * @returns false when he has `limit` others already; it is not counted then
   */
  signIn(session: Session, identity: Identity, limit: number): boolean {
    const key = userKey(identity);
    const sockets = this.#byUser.get(key) ?? new Set();
    if (!sockets.has(session) && sockets.size >= limit) return false;
    sockets.add(session);
    this.#byUser.set(key, sockets);
    return true;
  }
}

/** The same person of the same server. */
export function userKey({ serverId, userId }: Pick<Identity, 'serverId' | 'userId'>): string {
  return `${serverId} ${userId.toLowerCase()}`;
}
