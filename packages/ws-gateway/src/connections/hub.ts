import type { Connection, Identity } from './connection.ts';

export interface HubLimits {
  /** Connections in all. */
  readonly sockets: number;
  readonly socketsPerUser: number;
}

/** How a sign-in ended. `gone`: the connection is not one of the hub's (any more). */
export type SignInVerdict = 'signedIn' | 'otherUser' | 'tooManySockets' | 'gone';

/** Under what a connection is filed. */
interface Place {
  /** Key of its user; undefined until one signs in. */
  user: string | undefined;
  addresses: readonly string[];
}

/**
 * All open connections of this process, by user and by the mailbox addresses that they watch. A connection is here from
 * `add` until it is gone; after that no method files it again, so what waited while it ended leaves nothing behind.
 */
export class Hub {
  readonly #limits: () => HubLimits;
  readonly #places = new Map<Connection, Place>();
  readonly #byUser = new Map<string, Set<Connection>>();
  readonly #byAddress = new Map<string, Set<Connection>>();

  /** @param limits in force now; read at each call */
  constructor(limits: () => HubLimits) {
    this.#limits = limits;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#places.size;
  }

  /** How many users are signed in. */
  get users(): number {
    return this.#byUser.size;
  }

  /** How many addresses are watched. */
  get addresses(): number {
    return this.#byAddress.size;
  }

  /** All connections. They may be removed while this goes on. */
  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#places.keys();
  }

  /** @returns false when there are as many as may be, or the connection is gone; it is not here then */
  add(connection: Connection): boolean {
    if (connection.isGone || this.#places.size >= this.#limits().sockets) return false;
    this.#places.set(connection, { user: undefined, addresses: [] });
    return true;
  }

  /**
   * Signs a user in on a connection, or again with other addresses or a later end, and counts the connection for the
   * user. The identity's addresses are watched.
   */
  signIn(connection: Connection, identity: Identity): SignInVerdict {
    const place = this.#placeOf(connection);
    if (place === undefined) return 'gone';
    const user = userKey(identity);
    if (place.user !== undefined && place.user !== user) return 'otherUser';
    const others = this.#byUser.get(user);
    if (place.user === undefined && (others?.size ?? 0) >= this.#limits().socketsPerUser) return 'tooManySockets';
    place.user = user;
    addTo(this.#byUser, user, connection);
    // Watched as they are written: the change for a new alias names it so.
    if (connection.signIn(identity)) this.watch(connection, identity.addresses);
    return 'signedIn';
  }

  /** From now on `watchers` names the connection for these addresses and no others. */
  watch(connection: Connection, addresses: Iterable<string>): void {
    const place = this.#placeOf(connection);
    if (place === undefined) return;
    for (const address of place.addresses) removeFrom(this.#byAddress, address, connection);
    place.addresses = [...new Set(addresses)];
    for (const address of place.addresses) addTo(this.#byAddress, address, connection);
  }

  /** The connections that watch an address. */
  watchers(address: string): Iterable<Connection> {
    return this.#byAddress.get(address) ?? [];
  }

  /** Takes a connection out, from everywhere. */
  remove(connection: Connection): void {
    const place = this.#places.get(connection);
    if (place === undefined) return;
    this.#places.delete(connection);
    if (place.user !== undefined) removeFrom(this.#byUser, place.user, connection);
    for (const address of place.addresses) removeFrom(this.#byAddress, address, connection);
  }

  #placeOf(connection: Connection): Place | undefined {
    return connection.isGone ? undefined : this.#places.get(connection);
  }
}

/** The same person of the same server. */
function userKey({ serverId, userId }: Identity): string {
  return `${serverId} ${userId.toLowerCase()}`;
}

function addTo(sets: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([connection]));
  else set.add(connection);
}

function removeFrom(sets: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const set = sets.get(key);
  set?.delete(connection);
  if (set?.size === 0) sets.delete(key);
}
