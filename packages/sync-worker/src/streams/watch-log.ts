import { describeError, type Logger, type TroubleLine, TroubleLog } from 'worker-kit';
import type { WatchTrouble } from '../engine/calendar-watch.ts';

/** A stream that is opened again within moments is an ordinary day's. */
const SHORT_MS = 5_000;

/** What people read of a group's streams: one line when it is the first to lose them for a reason, one when all are back. */
export class WatchLog {
  readonly #log: Logger;
  readonly #group: string;
  readonly #troubles: TroubleLog;
  readonly #refused: TroubleLog;

  /** @param troubles shared by all groups: those of one server that lack a stream for one reason have one trouble */
  constructor(log: Logger, group: string, troubles: TroubleLog) {
    this.#log = log;
    this.#refused = new TroubleLog(log, { writesBetween: false });
    this.#group = group;
    this.#troubles = troubles;
  }

  watching(mailboxes: number): void {
    const fields = { group: this.#group, mailboxes };
    const message = `${this.#group}: changes of ${mailboxes} mailboxes are told as they happen`;
    const outcome = this.#troubles.end(this.#group, () => ({ level: 'info', event: 'stream.back', message, fields }));
    if (outcome === 'none') this.#log.debug('stream.open', message, fields);
  }

  /** Somebody else listens to the group from now on, or nobody. */
  end(): void {
    this.#troubles.drop(this.#group);
  }

  lost(mailboxes: number, { reason, retryMs, byLimit, isReported, error }: WatchTrouble): void {
    const seconds = Math.ceil(retryMs / 1000);
    const message = `${this.#group}: no stream tells of changes, its mailboxes are polled; next try in ${seconds} s: ${describeError(error).message}`;
    const fields = { group: this.#group, mailboxes, reason, retrySeconds: seconds, error };
    if (isReported) {
      this.#log.debug('stream.lost', message, fields);
      return;
    }
    const level = byLimit || retryMs <= SHORT_MS ? 'info' : 'warn';
    const cause = `${providerOf(this.#group)} ${reason}`;
    this.#troubles.begin(this.#group, cause, { level, event: 'stream.lost', message, fields });
  }

  refused(mailbox: string, { reason, retryMs, error }: WatchTrouble): void {
    const seconds = Math.ceil(retryMs / 1000);
    const message = `${mailbox}: no stream tells of its changes, it is polled; next try in ${seconds} s: ${describeError(error).message}`;
    const fields = { mailbox, reason, retrySeconds: seconds, error };
    const line: TroubleLine = { level: 'info', event: 'stream.mailbox-refused', message, fields };
    this.#refused.begin(mailbox, `${mailbox} ${reason}`, line);
  }

  /** These do well again. */
  forgive(mailboxes: readonly string[]): void {
    for (const mailbox of mailboxes) {
      const message = `${mailbox}: a stream tells of its changes again`;
      this.#refused.end(mailbox, () => ({ level: 'info', event: 'stream.mailbox-back', message, fields: { mailbox } }));
    }
  }
}

/** A group is named after its provider and a number. */
function providerOf(group: string): string {
  return group.slice(0, group.lastIndexOf('/'));
}
