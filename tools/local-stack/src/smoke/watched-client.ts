import { type CalendarClient, type CalendarEvent, isMasked } from 'gateway-protocol';
import { personClient } from '../person-client.ts';
import { until } from './until.ts';

/** A client that remembers when it first saw something. */
export class WatchedClient {
  readonly #client: CalendarClient;
  readonly #id: string;
  #lastChangeAt = 0;

  constructor(gatewayUrl: string, id: string) {
    this.#id = id;
    this.#client = personClient(gatewayUrl, id);
    this.#client.on('change', ({ receivedAt }) => {
      this.#lastChangeAt = receivedAt;
    });
  }

  async live(): Promise<void> {
    this.#client.start();
    await until(
      `the client of ${this.#id} is signed in and subscribed`,
      () => (this.#client.state === 'live' ? true : undefined),
      20_000,
    );
  }

  /**
   * Waits until the client holds what is wanted.
   * @returns the event, and when the last change before came, unix ms
   */
  async sees(
    what: string,
    wanted: (event: CalendarEvent) => boolean,
    patienceMs: number,
  ): Promise<{ event: CalendarEvent; at: number }> {
    return until(
      `${this.#id} sees ${what}`,
      () => {
        const event = [...this.#client.events.values()].find(wanted);
        return event && { event, at: this.#lastChangeAt };
      },
      patienceMs,
    );
  }

  async lost(eventId: string, what: string, patienceMs: number): Promise<{ at: number }> {
    return until(
      `${this.#id} no longer sees ${what}, or sees it cancelled`,
      () => {
        const event = this.#client.events.get(eventId);
        const over = event === undefined || (!isMasked(event) && event.cancelled);
        return over ? { at: this.#lastChangeAt } : undefined;
      },
      patienceMs,
    );
  }

  stop(): void {
    this.#client.stop();
  }
}

/** Whether a whole event has this title. */
export function titled(title: string): (event: CalendarEvent) => boolean {
  return (event) => !isMasked(event) && event.title === title;
}
