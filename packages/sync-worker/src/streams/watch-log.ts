import type { Logger } from 'worker-kit';
import { NoAccountLeftError } from '../accounts/no-account-left-error.ts';
import { ServerHeldError } from '../accounts/server-held-error.ts';
import type { WatchTrouble } from '../engine/calendar-watch.ts';
import type { StreamTroubles } from './stream-troubles.ts';

/** A stream that is opened again within moments is an ordinary day's. */
const SHORT_MS = 5_000;

/** What people read of a group's streams: one line when it is the first to lose them for a reason, one when all are back. */
export class WatchLog {
  readonly #log: Logger;
  readonly #group: string;
  readonly #troubles: StreamTroubles;
  #said: string | null = null;
  readonly #refused = new Map<string, string>();

  constructor(log: Logger, group: string, troubles: StreamTroubles) {
    this.#log = log;
    this.#group = group;
    this.#troubles = troubles;
  }

  watching(mailboxes: number): void {
    const fields = { group: this.#group, mailboxes };
    const message = `${this.#group}: changes of ${mailboxes} mailboxes are told as they happen`;
    if (this.#troubles.back(this.#group)) this.#log.info('stream.back', message, fields);
    else this.#log.debug('stream.open', message, fields);
    this.#said = null;
  }

  /** Somebody else listens to the group from now on, or nobody. */
  end(): void {
    this.#troubles.back(this.#group);
  }

  lost(mailboxes: number, { reason, retryMs, byLimit, error }: WatchTrouble): void {
    if (this.#said === reason) return;
    this.#said = reason;
    const seconds = Math.ceil(retryMs / 1000);
    const message = `${this.#group}: no stream tells of changes, its mailboxes are polled; next try in ${seconds} s: ${messageOf(error)}`;
    const fields = { group: this.#group, mailboxes, reason, retrySeconds: seconds, error };
    if (isToldElsewhere(error)) {
      this.#log.debug('stream.lost', message, fields);
      return;
    }
    const isFirst = this.#troubles.lost(this.#group, reason);
    if (!isFirst) this.#log.debug('stream.lost', message, fields);
    else if (byLimit || retryMs <= SHORT_MS) this.#log.info('stream.lost', message, fields);
    else this.#log.warn('stream.lost', message, fields);
  }

  refused(mailbox: string, { reason, retryMs, error }: WatchTrouble): void {
    if (this.#refused.get(mailbox) === reason) return;
    this.#refused.set(mailbox, reason);
    const seconds = Math.ceil(retryMs / 1000);
    const message = `${mailbox}: no stream tells of its changes, it is polled; next try in ${seconds} s: ${messageOf(error)}`;
    this.#log.info('stream.mailbox-refused', message, { mailbox, reason, retrySeconds: seconds, error });
  }

  /** These do well again. */
  forgive(mailboxes: readonly string[]): void {
    for (const mailbox of mailboxes) this.#refused.delete(mailbox);
  }
}

/** An earlier line says why the server, or its accounts, are left alone. */
function isToldElsewhere(error: unknown): boolean {
  return error instanceof ServerHeldError || error instanceof NoAccountLeftError;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
