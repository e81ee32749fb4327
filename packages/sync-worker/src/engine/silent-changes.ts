import type { MailboxLease, SyncedOccurrence } from 'calendar-db/sync';
import { overlapsWindow } from 'calendar-model';
import type { ViewScope } from './view-scope.ts';

type Event = Pick<SyncedOccurrence, 'itemId' | 'seriesId' | 'start' | 'end'>;

/** Counts what a repair finds in the window that was kept so far and that no change of the server's log explains. */
export class SilentChanges {
  readonly #lease: MailboxLease;
  readonly #scope: ViewScope;
  readonly #named: ReadonlySet<string> | null;
  #found = 0;

  /** @param named ids of the items that the log named; null when the folder was listed from its beginning */
  constructor(lease: MailboxLease, scope: ViewScope, named: ReadonlySet<string> | null) {
    this.#lease = lease;
    this.#scope = scope;
    this.#named = named;
  }

  get found(): number {
    return this.#found;
  }

  /** @param events that are written, or gone */
  count(events: readonly Event[]): void {
    const { windowFrom: from, windowTo: to } = this.#lease;
    const named = this.#named;
    if (this.#scope !== 'repair' || named === null || from === null || to === null) return;
    this.#found += events.filter(
      ({ itemId, seriesId, start, end }) =>
        overlapsWindow({ from, to }, start, end) && !named.has(itemId) && !named.has(seriesId ?? itemId),
    ).length;
  }
}
