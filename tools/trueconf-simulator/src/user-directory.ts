import { ApiError } from './api-error.ts';
import type { SimulatedUser } from './simulator-options.ts';

/** The users of the simulated server, by lower-case short id. */
export class UserDirectory {
  readonly #serverId: string;
  #users = new Map<string, SimulatedUser>();

  constructor(serverId: string) {
    this.#serverId = serverId;
  }

  put(user: SimulatedUser): void {
    this.#users.set(user.id.toLowerCase(), user);
  }

  remove(id: string): boolean {
    return this.#users.delete(this.shortId(id));
  }

  clear(): void {
    this.#users.clear();
  }

  all(): SimulatedUser[] {
    return [...this.#users.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Accepts the short id, the full one and one with an instance. */
  find(id: string): SimulatedUser | undefined {
    return this.#users.get(this.shortId(id));
  }

  require(id: string): SimulatedUser {
    const user = this.find(id);
    if (user) return user;
    throw new ApiError(404, 'userNotFound', 'No such user', { type: 'path', name: 'user_id' });
  }

  /** `anna@conf.example/1` → `anna`; ids of other servers keep their domain. */
  shortId(id: string): string {
    const plain = (id.split('/', 1)[0] ?? '').toLowerCase();
    const domain = `@${this.#serverId.toLowerCase()}`;
    return plain.endsWith(domain) ? plain.slice(0, -domain.length) : plain;
  }

  fullId(id: string): string {
    const short = this.shortId(id);
    return short.includes('@') ? short : `${short}@${this.#serverId}`;
  }

  findByPassword(username: string, password: string): SimulatedUser | undefined {
    const name = this.shortId(username);
    const user = this.find(name) ?? this.all().find((one) => one.loginName?.toLowerCase() === name);
    if (user?.password === undefined || user.active === false) return undefined;
    return user.password === password ? user : undefined;
  }

  /** The profile as v3.x answers it. */
  profile(user: SimulatedUser): Record<string, unknown> {
    const active = user.active !== false;
    return {
      id: user.id,
      uid: this.fullId(user.id),
      login_name: user.loginName ?? user.id,
      email: user.email ?? '',
      display_name: user.displayName ?? user.id,
      is_active: active ? 1 : 0,
      status: active ? 1 : -2,
      groups: [],
    };
  }
}
