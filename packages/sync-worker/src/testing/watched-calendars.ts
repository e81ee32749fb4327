import type { WatchListener, WatchRequest } from '../engine/calendar-watch.ts';
import { ManyCalendars } from './many-calendars.ts';

/** Somebody who listens to a group of `WatchedCalendars`. */
export interface FakeWatch {
  readonly request: WatchRequest;
  readonly listener: WatchListener;
}

/** Calendars that tell those who listen what a test says. */
export class WatchedCalendars extends ManyCalendars {
  /** Who listens now. */
  readonly watches = new Set<FakeWatch>();
  #isLost = false;

  readonly watch = async (request: WatchRequest, listener: WatchListener, signal: AbortSignal): Promise<void> => {
    const watch = { request, listener };
    const told = new Set<string>();
    this.watches.add(watch);
    const look = () => {
      const mailboxes = request.mailboxes().filter(({ address, joining }) => joining && !told.has(address));
      if (this.#isLost || mailboxes.length === 0) return;
      for (const { address } of mailboxes) told.add(address);
      listener.watching(mailboxes.map(({ address }) => address));
    };
    const looking = setInterval(look, 20);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
    clearInterval(looking);
    this.watches.delete(watch);
  };

  /** The groups that are listened to, each as often as it is. */
  get groups(): string[] {
    return [...this.watches].map(({ request }) => request.group).sort();
  }

  /** Something happened in a mailbox. */
  change(mailbox: string): void {
    for (const { listener } of this.watches) listener.changed(mailbox);
  }

  /** Nobody is told anything any more. */
  lose(): void {
    this.#isLost = true;
    const error = new Error('the stream broke');
    const trouble = { reason: 'broken', retryMs: 60_000, byLimit: false, isReported: false, error };
    for (const { request, listener } of this.watches) {
      const mailboxes = request.mailboxes().map(({ address }) => address);
      listener.ended(trouble.reason);
      listener.lost(mailboxes, trouble);
    }
  }
}
