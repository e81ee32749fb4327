import type { CalendarDatabase } from 'calendar-db/database';
import { wantSyncs } from 'calendar-db/sync';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';

/** One arriving meeting causes several changes (docs/reference/exchange.md §5.5): one sync is to bring them all. */
const SETTLE_SECONDS = 0.5;

/** Writes into the database which mailboxes are to be synchronized, several at a time; none is lost while that is away. */
export class WantedMarks implements Service {
  readonly id = 'wanted marks';
  readonly #database: CalendarDatabase;
  readonly #running: RunningState;
  readonly #log: Logger;
  readonly #written: () => void;
  readonly #changed = new Set<string>();
  readonly #unknown = new Set<string>();

  /** @param written told after marks were written: something is due, or soon will be */
  constructor(database: CalendarDatabase, parent: RunningState, log: Logger, written: () => void) {
    this.#database = database;
    this.#running = parent.child(this.id);
    this.#log = log;
    this.#written = written;
  }

  /** Something happened there. */
  changed(mailbox: string): void {
    this.#changed.add(mailbox);
    this.#running.wake();
  }

  /** Nobody knows what happened there until now. */
  unknown(mailboxes: readonly string[]): void {
    for (const mailbox of mailboxes) this.#unknown.add(mailbox);
    this.#running.wake();
  }

  run(): Promise<void> {
    return runLoop(this.#running, this.#log, {
      name: this.id,
      every: Number.POSITIVE_INFINITY,
      // The database's absence is told by its own check.
      quiet: true,
      once: async () => {
        await this.#write(this.#unknown, 0);
        await this.#write(this.#changed, SETTLE_SECONDS);
      },
    });
  }

  stop(): void {
    this.#running.stop();
  }

  async #write(marks: Set<string>, settleSeconds: number): Promise<void> {
    const mailboxes = [...marks];
    if (mailboxes.length === 0) return;
    marks.clear();
    try {
      await wantSyncs(this.#database, mailboxes, settleSeconds);
    } catch (error) {
      for (const mailbox of mailboxes) marks.add(mailbox);
      throw error;
    }
    this.#written();
  }
}
