import type { MailboxLease, SyncFailure } from 'calendar-db/sync';
import { describeError, type Logger, type TroubleLine, TroubleLog } from 'worker-kit';
import { errorCode, isSameError, isToldElsewhere } from './failure-policy.ts';
import { ProviderError } from './provider-error.ts';
import type { SyncOutcome } from './sync-mailbox.ts';
import { WindowTooFullError } from './window-too-full-error.ts';

const ANEW_TOLD_AGAIN_MS = 600_000;
const REPEAT_AFTER_MS = 600_000;
/** A mailbox that was not heard of for so long has another owner by now, or is not listed any more. */
const FORGET_AFTER_MS = 1_800_000;

/** What people read of syncs: one line per trouble, nothing of an ordinary day. */
export class SyncLog {
  readonly #log: Logger;
  readonly #troubles: TroubleLog<number>;
  /** When each provider was last said to have lost sync states. */
  readonly #anewToldAt = new Map<string, number>();
  /** Mailboxes with items that cannot be read. */
  readonly #unread: TroubleLog<number>;
  /** Mailboxes with a loss that is not believed. */
  readonly #suspect: TroubleLog<number>;

  constructor(log: Logger) {
    this.#log = log;
    this.#troubles = new TroubleLog(log, { repeatAfterMs: REPEAT_AFTER_MS, forgetAfterMs: FORGET_AFTER_MS });
    this.#unread = new TroubleLog(log, { writesBetween: false });
    this.#suspect = new TroubleLog(log, { forgetAfterMs: FORGET_AFTER_MS });
  }

  succeeded(lease: MailboxLease, outcome: SyncOutcome, ms: number): void {
    const { address, cached, failures } = lease;
    const fields = { mailbox: address, ...outcome, ms: Math.round(ms) };
    if (!cached) {
      this.#log.info('mailbox.cached', `${address} is cached: ${outcome.written} events`, fields);
    } else if (failures > 0) {
      this.#tellRecovered(lease, fields);
    } else if (outcome.read !== 'nothing') {
      this.#log.debug('mailbox.synced', `${address}: ${outcome.written} events changed`, fields);
    }
    if (outcome.silent > 0) {
      const message = `${address}: ${outcome.silent} events had changed without a word of the server and are right again`;
      this.#log.info('mailbox.silent-changes', message, fields);
    }
    if (outcome.anew) this.#tellAnew(lease, fields);
    if (outcome.read !== 'nothing') this.#tellUnread(lease, outcome, fields);
    if (outcome.read !== 'nothing') this.#tellLoss(lease, outcome, fields);
  }

  /** @param failure how it was recorded */
  failed(lease: MailboxLease, error: unknown, { status, error: recorded, retrySeconds }: SyncFailure): void {
    const { address, failures } = lease;
    const seconds = Math.round(retrySeconds);
    const fields = { mailbox: address, failures: failures + 1, retrySeconds: seconds, error };
    const message = `${address} was not synchronized, next try in ${seconds} s: ${describeError(error).message}`;
    const isLasting = status === 'denied' || failures > 0 || needsOperator(error);
    const isSaid = isStanding(error) && isSameError(lease.lastError, recorded) && lease.status === status;
    const level = isLasting ? 'warn' : 'info';
    if (isToldElsewhere(error) || isSaid) {
      this.#log.debug('sync.failed', message, fields);
    } else if (isShared(error)) {
      const cause = `${lease.provider} ${errorCode(error)}`;
      this.#troubles.begin(lease.mailboxId, cause, { level, event: 'sync.failed', message, fields });
    } else {
      this.#log.log(level, 'sync.failed', message, fields);
    }
  }

  #tellRecovered({ mailboxId, address, failures }: MailboxLease, fields: object): void {
    const alone: TroubleLine = {
      level: 'info',
      event: 'mailbox.recovered',
      message: `${address} synchronizes again after ${failures} failures`,
      fields: { ...fields },
    };
    const outcome = this.#troubles.end(mailboxId, ({ members }) => {
      if (members === 1) return alone;
      const message = `${members} mailboxes that failed for the same reason synchronize again, ${address} the last of them`;
      return { ...alone, message };
    });
    if (outcome === 'none') this.#log.info(alone.event, alone.message, alone.fields);
  }

  /** A server that lost all its states is told of once, not once per mailbox. */
  #tellAnew({ provider, address }: MailboxLease, fields: object): void {
    const now = performance.now();
    const isTold = now - (this.#anewToldAt.get(provider) ?? Number.NEGATIVE_INFINITY) < ANEW_TOLD_AGAIN_MS;
    if (!isTold) this.#anewToldAt.set(provider, now);
    const message = `${provider} no longer takes the sync state of ${address}: its calendar was read anew, nothing is lost; others may follow`;
    this.#log.log(isTold ? 'debug' : 'info', 'mailbox.read-anew', message, { ...fields });
  }

  /** A failure that could not even be recorded: the database is away, which its own check tells. */
  unrecorded({ address }: MailboxLease, error: unknown): void {
    const message = `${address}: the end of a sync could not be recorded, the lease runs out by itself`;
    this.#log.debug('sync.unrecorded', message, { mailbox: address, error });
  }

  stale({ address }: MailboxLease, reason: Error): void {
    this.#log.info('sync.stale', reason.message, { mailbox: address });
  }

  /** A server that was restored without its data empties many mailboxes at once: that is one trouble. */
  #tellLoss({ mailboxId, provider, address, suspicion }: MailboxLease, outcome: SyncOutcome, fields: object): void {
    if (outcome.unbelieved !== null) {
      const { lost, of } = outcome.unbelieved;
      const message = `${address}: ${provider} no longer shows ${lost} of ${of} events to come; they stay until three views within half an hour agree, or until \`calendarctl confirm-mailbox\`; other mailboxes may follow`;
      const line: TroubleLine = { level: 'error', event: 'mailbox.suspect', message, fields: { ...fields } };
      this.#suspect.begin(mailboxId, provider, line);
      return;
    }
    if (suspicion === null) return;
    const message = `${address}: its calendar is believed again, with ${outcome.written} events changed`;
    const believed: TroubleLine = { level: 'info', event: 'mailbox.believed', message, fields: { ...fields } };
    const isTold = this.#suspect.end(mailboxId, ({ members }) => {
      if (members === 1) return believed;
      return {
        ...believed,
        message: `the calendars of ${members} mailboxes are believed again, ${address} the last of them`,
      };
    });
    if (isTold === 'none') this.#log.info(believed.event, message, believed.fields);
  }

  #tellUnread({ mailboxId, address }: MailboxLease, outcome: SyncOutcome, fields: object): void {
    const count = outcome.skipped + outcome.unreadable;
    if (count === 0) {
      const message = `${address}: all calendar items can be read again`;
      this.#unread.end(mailboxId, () => ({
        level: 'info',
        event: 'mailbox.items-read',
        message,
        fields: { ...fields },
      }));
      return;
    }
    const message = `${address}: calendar items that could not be read: ${count}; what was known of them stays, and each view tries them again`;
    const line: TroubleLine = { level: 'warn', event: 'mailbox.items-skipped', message, fields: { ...fields } };
    this.#unread.begin(mailboxId, `${mailboxId}: ${count}`, line);
  }
}

/** Whether other mailboxes may have the same trouble. Rights and settings are each mailbox's own. */
function isShared(error: unknown): boolean {
  return error instanceof ProviderError && !isStanding(error);
}

/** Stays as it is until somebody acts: it is told when it begins and when the mailbox is given up, not at every look. */
function isStanding(error: unknown): boolean {
  if (error instanceof WindowTooFullError) return true;
  return error instanceof ProviderError && (error.errorClass === 'config' || error.errorClass === 'mailbox');
}

/** Does not pass by itself, so it is said the first time. */
function needsOperator(error: unknown): boolean {
  if (error instanceof WindowTooFullError) return true;
  return error instanceof ProviderError && error.errorClass === 'config';
}
