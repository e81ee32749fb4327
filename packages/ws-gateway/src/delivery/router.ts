import type { ChangeRow } from 'calendar-db/changes';
import type { Session } from '../socket/session.ts';

export interface RouterOptions {
  /** Changed events that may wait for one client. */
  readonly dirtyLimit: () => number;
  /** Something is to be told on a socket. */
  readonly onNews: (session: Session) => void;
}

/** Knows which sockets look at which address, and marks there what a change touches. Never waits. */
export class Router {
  readonly #options: RouterOptions;
  readonly #byAddress = new Map<string, Set<Session>>();
  readonly #addresses = new Map<Session, Set<string>>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** From now on changes that concern these addresses are marked for the socket. */
  register(session: Session, addresses: Iterable<string>): void {
    const own = this.#addresses.get(session) ?? new Set();
    this.#addresses.set(session, own);
    for (const address of addresses) {
      own.add(address);
      const sessions = this.#byAddress.get(address) ?? new Set();
      this.#byAddress.set(address, sessions.add(session));
    }
  }

  remove(session: Session): void {
    for (const address of this.#addresses.get(session) ?? []) {
      const sessions = this.#byAddress.get(address);
      sessions?.delete(session);
      if (sessions?.size === 0) this.#byAddress.delete(address);
    }
    this.#addresses.delete(session);
  }

  /** Something else than a change is to be told to the socket. */
  announce(session: Session): void {
    this.#options.onNews(session);
  }

  route(rows: readonly ChangeRow[]): void {
    const touched = new Set<Session>();
    for (const row of rows) {
      // What became too old is nobody's news.
      if (row.kind === 'aged') continue;
      for (const address of row.audience) {
        for (const session of this.#byAddress.get(address) ?? []) {
          this.#mark(session, row);
          touched.add(session);
        }
      }
    }
    for (const session of touched) this.#options.onNews(session);
  }

  /** Everybody has to subscribe again. */
  startOver(reason: string): void {
    for (const session of this.#addresses.keys()) {
      session.viewers = undefined;
      session.subscription?.startOver(reason);
      this.#options.onNews(session);
    }
  }

  #mark(session: Session, row: ChangeRow): void {
    const { subscription } = session;
    if (row.kind === 'mailbox' || row.kind === 'viewer') {
      session.viewers = undefined;
      subscription?.startOver(row.kind === 'mailbox' ? 'the mailbox came or went' : 'another address was learned');
    } else if (row.eventId !== null) {
      subscription?.mark(row.eventId, row.at.getTime(), this.#options.dirtyLimit());
    }
  }
}
