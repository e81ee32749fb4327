import type { ChangeRow } from 'calendar-db/changes';
import type { Connection } from '../connections/connection.ts';
import type { Hub } from '../connections/hub.ts';

export interface RouterOptions {
  readonly hub: Hub;
  /** Changed events that may wait for one client. */
  readonly dirtyLimit: () => number;
  /** A push may be due on a connection. */
  readonly onNews: (connection: Connection) => void;
}

/** Marks what a change touches for each connection that watches an address of the change. Never waits. */
export class Router {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  route(rows: readonly ChangeRow[]): void {
    const { hub, onNews } = this.#options;
    const touched = new Set<Connection>();
    for (const row of rows) {
      // Events that became too old are not announced.
      if (row.kind === 'aged') continue;
      for (const address of row.audience) {
        for (const connection of hub.watchers(address)) {
          this.#mark(connection, row);
          touched.add(connection);
        }
      }
    }
    for (const connection of touched) onNews(connection);
  }

  /** Every client has to subscribe again. */
  startOver(reason: string): void {
    const { hub, onNews } = this.#options;
    for (const connection of hub) {
      connection.startOver(reason);
      onNews(connection);
    }
  }

  #mark(connection: Connection, row: ChangeRow): void {
    if (row.kind === 'mailbox' || row.kind === 'viewer') {
      connection.startOver(row.kind === 'mailbox' ? 'the mailbox came or went' : 'another address was learned');
    } else if (row.eventId !== null) {
      connection.subscription?.mark(row.eventId, row.at.getTime(), this.#options.dirtyLimit());
    }
  }
}
