import type { CalendarWindow } from 'calendar-model';
import type { CalendarProvider, ChangePage, OpenedCalendar, WindowPart } from '../engine/calendar-provider.ts';

/** Empty calendars of any number of mailboxes, which watch how they are read and can keep a reader waiting. */
export class ManyCalendars implements CalendarProvider {
  readonly key = 'many';
  /** Mailboxes whose sync came to its end; clear it to watch for the next ones. */
  readonly synced = new Set<string>();
  /** How many syncs of each mailbox came to their end. */
  readonly syncs = new Map<string, number>();
  /** Most syncs of one mailbox that were under way at the same time. */
  mostAtOnce = 0;
  /** Calls that ended because their reader went away. */
  aborted = 0;
  readonly #reading = new Map<string, number>();
  readonly #held = new Set<() => void>();
  #holding = false;
  #generation = 0;

  /** Calls that wait. */
  get held(): number {
    return this.#held.size;
  }

  /** From now on no call is answered. */
  hold(): void {
    this.#holding = true;
  }

  /** New calls are answered again; those that wait go on waiting. */
  stopHolding(): void {
    this.#holding = false;
  }

  /** The readers that wait are dead: new calls are answered, and theirs count no more. */
  forgetHeld(): void {
    this.#holding = false;
    this.#reading.clear();
    this.#generation++;
  }

  async letAllGo(): Promise<void> {
    this.#holding = false;
    for (const go of [...this.#held]) go();
  }

  async open(): Promise<OpenedCalendar> {
    return { folderId: 'folder', serverTime: null };
  }

  async changes(mailbox: string, _folder: string, _state: string | null, signal: AbortSignal): Promise<ChangePage> {
    const generation = this.#generation;
    const count = (this.#reading.get(mailbox) ?? 0) + 1;
    this.#reading.set(mailbox, count);
    this.mostAtOnce = Math.max(this.mostAtOnce, count);
    try {
      await this.#wait(signal);
    } finally {
      if (generation === this.#generation) this.#reading.set(mailbox, (this.#reading.get(mailbox) ?? 1) - 1);
    }
    this.synced.add(mailbox);
    this.syncs.set(mailbox, (this.syncs.get(mailbox) ?? 0) + 1);
    return { syncState: 'state', complete: true, itemIds: [] };
  }

  async *window(_mailbox: string, _folder: string, window: CalendarWindow): AsyncGenerator<WindowPart> {
    const describe = async () => ({ occurrences: [], skipped: [], fromView: [] });
    yield { window, entries: [], unreadable: [], describe };
  }

  async close(): Promise<void> {}

  async #wait(signal: AbortSignal): Promise<void> {
    // Takes a moment, so that two at a time would be seen.
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (!this.#holding) return;
    await new Promise<void>((resolve, reject) => {
      const end = () => {
        this.#held.delete(end);
        resolve();
      };
      this.#held.add(end);
      signal.addEventListener('abort', () => {
        this.#held.delete(end);
        this.aborted++;
        reject(signal.reason as Error);
      });
    });
  }
}
