import type { CalendarDatabase } from 'calendar-db/database';
import { readSyncGroups, type SyncGroup } from 'calendar-db/sync';
import type { WorkerRegistry } from 'worker-kit';
import { ownedGroups } from './rendezvous.ts';

/** Which sync groups this worker owns, told by the registry of live workers. */
export class GroupOwnership {
  readonly #database: CalendarDatabase;
  readonly #registry: WorkerRegistry;
  readonly #self: string;
  #groups: readonly SyncGroup[] | null = null;
  #readAt = 0;

  constructor(database: CalendarDatabase, registry: WorkerRegistry, self: string) {
    this.#database = database;
    this.#registry = registry;
    this.#self = self;
  }

  /** Reads the groups anew. @throws the database's error */
  async refresh(): Promise<void> {
    this.#groups = await readSyncGroups(this.#database);
    this.#readAt = performance.now();
  }

  /** Seconds since the groups were read. */
  get readSecondsAgo(): number {
    return (performance.now() - this.#readAt) / 1000;
  }

  /** Names of the groups that this worker owns now. */
  owned(): string[] {
    const names = (this.#groups ?? []).map(({ group }) => group);
    return ownedGroups(names, this.#workers(), this.#self);
  }

  /** The owned groups with their figures of the last refresh; null before the first. */
  figures(): SyncGroup[] | null {
    const mine = new Set(this.owned());
    return this.#groups?.filter(({ group }) => mine.has(group)) ?? null;
  }

  /** Where this worker stands among the live sync-workers, itself included, between which budgets are divided. */
  place(): { workers: number; rank: number } {
    const workers = [...new Set([...this.#workers(), this.#self])].sort();
    return { workers: workers.length, rank: workers.indexOf(this.#self) };
  }

  /** All sync groups of a provider, whoever owns them, in an order that all workers agree on. */
  groupsOf(provider: string): string[] {
    return this.#of(provider).map(({ group }) => group);
  }

  /** Mailboxes in each of those groups, in the same order. */
  groupSizesOf(provider: string): number[] {
    return this.#of(provider).map(({ mailboxes }) => mailboxes);
  }

  /** Whether all live sync-workers, draining ones too, have the same providers configured. */
  agreesOnProviders(): boolean {
    const mine = this.#registry.entry.configDigests.calendarProviders;
    return this.#registry
      .livePeers('sync-worker')
      .every(({ workerId, configDigests }) => workerId === this.#self || configDigests.calendarProviders === mine);
  }

  #of(provider: string): SyncGroup[] {
    return (this.#groups ?? []).filter(({ group }) => group.slice(0, group.lastIndexOf('/')) === provider);
  }

  #workers(): string[] {
    return this.#registry
      .livePeers('sync-worker')
      .filter(({ draining }) => !draining)
      .map(({ workerId }) => workerId);
  }
}
