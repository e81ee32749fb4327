import type { CalendarDatabase } from 'calendar-db/database';
import { type ListedMailbox, registerMailboxes, removeDelistedMailboxes } from 'calendar-db/sync';
import type { Logger } from 'worker-kit';

const DEAD_WORKER_SECONDS = 15;
const REMOVAL_GRACE_SECONDS = 3_600;

export interface RegistrationRules {
  readonly groupSize: number;
  /** Whether all live workers have the same providers: only then a mailbox changes from one provider to another. */
  readonly agreed: boolean;
}

/** Keeps the table of mailboxes in step with the configurations of all live workers. */
export class MailboxRegistrar {
  readonly #database: CalendarDatabase;
  readonly #log: Logger;
  readonly #graceSeconds: number;
  #waiting = 0;
  #elsewhere = 0;

  constructor(database: CalendarDatabase, log: Logger, graceSeconds = REMOVAL_GRACE_SECONDS) {
    this.#database = database;
    this.#log = log;
    this.#graceSeconds = graceSeconds;
  }

  /** Makes the listed mailboxes known. @throws the database's error */
  async register(listed: readonly ListedMailbox[], { groupSize, agreed }: RegistrationRules): Promise<void> {
    let elsewhere = 0;
    for (const [provider, mailboxes] of Map.groupBy(listed, (mailbox) => mailbox.provider)) {
      const addresses = mailboxes.map(({ address }) => address);
      const done = await registerMailboxes(this.#database, provider, addresses, { groupSize, move: agreed });
      elsewhere += done.elsewhere;
      const { added, relisted, moved } = done;
      if (added + relisted + moved === 0) continue;
      const parts = [
        added > 0 && `${added} new`,
        relisted > 0 && `${relisted} listed again`,
        moved > 0 && `${moved} from another server, which are read anew`,
      ].filter((part) => part !== false);
      this.#log.info('mailboxes.registered', `mailboxes of ${provider}: ${parts.join(', ')}`, {
        provider,
        added,
        relisted,
        moved,
      });
    }
    this.#tellElsewhere(elsewhere);
  }

  /** Removes mailboxes that nobody has listed for the grace. @throws the database's error */
  async removeDelisted(): Promise<void> {
    const times = { deadWorkerSeconds: DEAD_WORKER_SECONDS, graceSeconds: this.#graceSeconds };
    const { removed, waiting } = await removeDelistedMailboxes(this.#database, times);
    for (const mailbox of removed) {
      const message = `${mailbox} was removed: no configuration has listed it for ${this.#graceSeconds} s`;
      this.#log.info('mailbox.removed', message, { mailbox });
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

  #tellElsewhere(elsewhere: number): void {
    if (elsewhere > 0 && elsewhere !== this.#elsewhere) {
      this.#log.warn(
        'mailboxes.move-waits',
        `${elsewhere} mailboxes are listed under another server than before: they stay with the old one until all sync-workers have the same calendarProviders; reload the others`,
        { elsewhere },
      );
    }
    this.#elsewhere = elsewhere;
  }
}
