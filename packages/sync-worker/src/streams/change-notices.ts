import type { SyncNotices } from '../engine/sync-runner.ts';
import type { WatchMetrics } from './watch-metrics.ts';

/** When this process was first told of a change that no sync has brought into the cache yet, per mailbox. */
export class ChangeNotices implements SyncNotices {
  readonly #metrics: WatchMetrics;
  readonly #toldAt = new Map<string, number>();

  constructor(metrics: WatchMetrics) {
    this.#metrics = metrics;
  }

  note(mailbox: string): void {
    if (!this.#toldAt.has(mailbox)) this.#toldAt.set(mailbox, performance.now());
  }

  /** What a sync that begins now is to bring; undefined when it was not told of anything. `performance.now()` */
  take(mailbox: string): number | undefined {
    const at = this.#toldAt.get(mailbox);
    this.#toldAt.delete(mailbox);
    return at;
  }

  /** That sync failed: the next one is still to bring it. */
  giveBack(mailbox: string, at: number | undefined): void {
    if (at !== undefined) this.#toldAt.set(mailbox, at);
  }

  /** A sync brought what was taken (`take`) into the database. */
  applied(toldAt: number | undefined): void {
    if (toldAt !== undefined) this.#metrics.applied(performance.now() - toldAt);
  }

  /** Nobody here will bring it. */
  forget(mailboxes: Iterable<string>): void {
    for (const mailbox of mailboxes) this.#toldAt.delete(mailbox);
  }
}
