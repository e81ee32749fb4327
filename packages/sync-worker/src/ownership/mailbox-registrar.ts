import { type CalendarDatabase, registerMailboxes, removeDelistedMailboxes } from 'calendar-db';
import type { Logger } from 'worker-kit';

const DEAD_WORKER_SECONDS = 15;
const REMOVAL_GRACE_SECONDS = 3_600;

/** The mailboxes that one provider's configuration lists. */
export interface Listing {
  readonly provider: string;
  readonly users: readonly string[];
}

/** Keeps the table of mailboxes in step with the configurations of all live workers. */
export class MailboxRegistrar {
  readonly #database: CalendarDatabase;
  readonly #log: Logger;
  #waiting = 0;

  constructor(database: CalendarDatabase, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** Makes the listed mailboxes known. @throws the database's error */
  async register(listings: readonly Listing[], groupSize: number): Promise<void> {
    for (const { provider, users } of listings) {
      const { added, relisted } = await registerMailboxes(this.#database, provider, users, groupSize);
      if (added + relisted === 0) continue;
      this.#log.info(
        'mailboxes.registered',
        `${added} mailboxes of ${provider} are new, ${relisted} are listed again`,
        {
          provider,
          added,
          relisted,
        },
      );
    }
  }

  /** Removes mailboxes that nobody has listed for an hour. @throws the database's error */
  async removeDelisted(): Promise<void> {
    const times = { deadWorkerSeconds: DEAD_WORKER_SECONDS, graceSeconds: REMOVAL_GRACE_SECONDS };
    const { removed, waiting } = await removeDelistedMailboxes(this.#database, times);
    for (const mailbox of removed) {
      this.#log.info('mailbox.removed', `${mailbox} was removed: no configuration has listed it for an hour`, {
        mailbox,
      });
    }
    if (waiting > 0 && waiting !== this.#waiting) {
      this.#log.warn(
        'mailboxes.removal-waits',
        `${waiting} mailboxes are no longer listed, over a fifth of all: they stay until \`calendarctl confirm-removal\`, or until they are listed again`,
        { waiting },
      );
    }
    this.#waiting = waiting;
  }
}
