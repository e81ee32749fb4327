import type { SyncGroup } from 'calendar-db/sync';
import type { MetricsRegistry } from 'worker-kit';
import type { SyncOutcome } from './sync-mailbox.ts';

const RESULTS = { nothing: 'unchanged', slice: 'rolled', window: 'viewed', repair: 'repaired' } as const;

/** What a sync worker counts. */
export class SyncMetrics {
  readonly #syncs;
  readonly #written;
  readonly #skipped;
  readonly #silent;
  readonly #seconds;
  readonly #mailboxes;
  readonly #overdue;

  constructor(metrics: MetricsRegistry) {
    this.#syncs = metrics.counter({
      name: 'calendar_syncs_total',
      help: 'Syncs of mailboxes by how they ended: unchanged, rolled (the new part of the window was read), viewed, repaired, or the code of their failure.',
      labelNames: ['result'],
    });
    this.#written = metrics.counter({
      name: 'calendar_events_written_total',
      help: 'Events of the cache that a sync changed.',
    });
    this.#skipped = metrics.counter({
      name: 'calendar_items_skipped_total',
      help: 'Calendar items that Exchange gave but that could not be read.',
    });
    this.#silent = metrics.counter({
      name: 'calendar_silent_changes_total',
      help: 'Events that a repair found to be different although the server had logged no change of theirs.',
    });
    this.#seconds = metrics.histogram({
      name: 'calendar_sync_seconds',
      help: 'How long a successful sync of one mailbox took.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120],
    });
    this.#mailboxes = metrics.gauge({
      name: 'calendar_owned_mailboxes',
      help: 'Mailboxes of the sync groups that this worker owns: all, and those that are denied, suspect, stale or not cached yet.',
      labelNames: ['state'],
    });
    this.#overdue = metrics.gauge({
      name: 'calendar_sync_overdue_seconds',
      help: 'How long the owned mailbox that waits longest has been due.',
    });
  }

  synced(outcome: SyncOutcome, ms: number): void {
    this.#syncs.inc({ result: RESULTS[outcome.read] });
    this.#silent.inc(outcome.silent);
    this.#written.inc(outcome.written);
    this.#skipped.inc(outcome.skipped + outcome.unreadable);
    this.#seconds.observe(ms / 1000);
  }

  /** Takes the figures of the owned groups. */
  owned(groups: readonly SyncGroup[]): void {
    const sum = (count: (group: SyncGroup) => number) => groups.reduce((total, group) => total + count(group), 0);
    this.#mailboxes.set(
      { state: 'all' },
      sum(({ mailboxes }) => mailboxes),
    );
    this.#mailboxes.set(
      { state: 'denied' },
      sum(({ denied }) => denied),
    );
    this.#mailboxes.set(
      { state: 'suspect' },
      sum(({ suspect }) => suspect),
    );
    this.#mailboxes.set(
      { state: 'stale' },
      sum(({ stale }) => stale),
    );
    this.#mailboxes.set(
      { state: 'uncached' },
      sum(({ uncached }) => uncached),
    );
    this.#overdue.set(Math.max(0, ...groups.map(({ overdueSeconds }) => overdueSeconds)));
  }

  failed(code: string): void {
    this.#syncs.inc({ result: code });
  }
}
