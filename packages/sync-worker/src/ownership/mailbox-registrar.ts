import type { CalendarDatabase } from 'calendar-db/database';
import { type ListedMailbox, registerMailboxes, removeDelistedMailboxes } from 'calendar-db/sync';
import { type Logger, type TroubleLine, TroubleLog } from 'worker-kit';

const DEAD_WORKER_SECONDS = 15;
const REMOVAL_GRACE_SECONDS = 3_600;
/** What mailboxes may wait for, in the log of troubles. */
const REMOVAL = 'removal';
const MOVE = 'move';

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
  readonly #troubles: TroubleLog;

  constructor(database: CalendarDatabase, log: Logger, graceSeconds = REMOVAL_GRACE_SECONDS) {
    this.#database = database;
    this.#log = log;
    this.#troubles = new TroubleLog(log, { writesBetween: false });
    this.#graceSeconds = graceSeconds;
  }

  /** Makes the listed mailboxes known. @returns whether any was not before @throws the database's error */
  async register(listed: readonly ListedMailbox[], { groupSize, agreed }: RegistrationRules): Promise<boolean> {
    let elsewhere = 0;
    let registered = 0;
    for (const [provider, mailboxes] of Map.groupBy(listed, (mailbox) => mailbox.provider)) {
      const addresses = mailboxes.map(({ address }) => address);
      const done = await registerMailboxes(this.#database, provider, addresses, { groupSize, move: agreed });
      elsewhere += done.elsewhere;
      const { added, relisted, moved } = done;
      registered += added + relisted + moved;
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
    return registered > 0;
  }

  /** Removes mailboxes that nobody has listed for the grace. @throws the database's error */
  async removeDelisted(): Promise<void> {
    const times = { deadWorkerSeconds: DEAD_WORKER_SECONDS, graceSeconds: this.#graceSeconds };
    const { removed, waiting } = await removeDelistedMailboxes(this.#database, times);
    for (const mailbox of removed) {
      const message = `${mailbox} was removed: no configuration has listed it for ${this.#graceSeconds} s`;
      this.#log.info('mailbox.removed', message, { mailbox });
    }
    this.#tellWaiting(waiting);
  }

  #tellWaiting(waiting: number): void {
    if (waiting === 0) {
      const message = 'no mailbox waits any more to be removed';
      this.#troubles.end(REMOVAL, () => ({ level: 'info', event: 'mailboxes.removal-done', message }));
      return;
    }
    const message = `${waiting} mailboxes are no longer listed, over a fifth of all: they stay until \`calendarctl confirm-removal\`, or until they are listed again`;
    const line: TroubleLine = { level: 'warn', event: 'mailboxes.removal-waits', message, fields: { waiting } };
    this.#troubles.begin(REMOVAL, `${REMOVAL} ${waiting}`, line);
  }

  #tellElsewhere(elsewhere: number): void {
    if (elsewhere === 0) {
      const message = 'no mailbox waits any more to be read from another server';
      this.#troubles.end(MOVE, () => ({ level: 'info', event: 'mailboxes.move-done', message }));
      return;
    }
    const message = `${elsewhere} mailboxes are listed under another server than before: they stay with the old one until all sync-workers have the same calendarProviders; reload the others`;
    const line: TroubleLine = { level: 'warn', event: 'mailboxes.move-waits', message, fields: { elsewhere } };
    this.#troubles.begin(MOVE, `${MOVE} ${elsewhere}`, line);
  }
}
