import type { CalendarListener } from 'calendar-db/notifications';
import type { Logger } from './log.ts';
import { TroubleLog } from './trouble-log.ts';

const LISTENER = 'listener';

/** What the log says of the notification connection: one line when it is lost, one when it is back. */
export class ListenerLog {
  readonly #log: Logger;
  readonly #troubles: TroubleLog;

  constructor(log: Logger) {
    this.#log = log;
    this.#troubles = new TroubleLog(log, { writesBetween: false });
  }

  /** The connection was lost, an attempt failed, or, while it listens, something that hears it failed. */
  failed({ state }: Pick<CalendarListener, 'state'>, error: Error): void {
    if (state === 'listening') {
      this.#log.error('listen.handler-failed', 'something that hears notifications failed', { error });
      return;
    }
    const message = 'no notifications for now; connecting again';
    this.#troubles.begin(LISTENER, LISTENER, { level: 'warn', event: 'listen.lost', message, fields: { error } });
  }

  connected(): void {
    const message = 'notifications arrive again';
    this.#troubles.end(LISTENER, () => ({ level: 'info', event: 'listen.back', message }));
  }
}
