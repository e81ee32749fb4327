import type { MailboxLease, SyncFailure } from 'calendar-db/sync';
import { EwsError } from 'ews-client';
import { NoAccountLeftError } from '../accounts/no-account-left-error.ts';
import { ServerHeldError } from '../accounts/server-held-error.ts';
import { EndlessSyncError } from './drain-changes.ts';
import { WindowTooFullError } from './window-too-full-error.ts';

const LONGEST_HOLD_SECONDS = 600;
/** Of what a server may ask for: beyond a day a mistyped `Retry-After` is likelier than a wish. */
const LONGEST_ASKED_SECONDS = 86_400;
/** For a code that nobody foresaw. */
const LONGEST_UNKNOWN_SECONDS = 120;
/** `ErrorInternalServerError` that came so often in a row will hardly go away within seconds. */
const MOST_QUICK_RETRIES = 3;
const MOVING_SECONDS = 180;
/** How often a mailbox that cannot be opened is tried again. */
const DENIED_SECONDS = 3_600;
const ATTEMPTS_BEFORE_DENIED = 3;
const OPERATOR_SECONDS = 300;
const ACCOUNT_SECONDS = 30;
/** Over which mailboxes spread that wait for the same server. */
const SPREAD_SECONDS = 3;

/**
 * What a failed sync leads to (ews.md §10): when the mailbox is tried again and how it stands meanwhile. Its cache and
 * sync state stay as they are in every case.
 *
 * @param jitter from 0 to 1, so that many mailboxes do not come back in the same moment
 */
export function failurePolicy(error: unknown, lease: MailboxLease, jitter: number): SyncFailure {
  const doubling = Math.min(LONGEST_HOLD_SECONDS, 2 ** Math.min(lease.failures, 10) * (1 + jitter / 2));
  // A mailbox that has a cache goes on being shown; the mark tells that it is no longer fresh.
  const status = lease.cached ? 'stale' : lease.status;
  const failed = (retrySeconds: number, counts = true): SyncFailure => ({
    status,
    error: errorCode(error),
    retrySeconds,
    counts,
  });
  if (error instanceof NoAccountLeftError) return failed(ACCOUNT_SECONDS * (1 + jitter), false);
  if (error instanceof ServerHeldError) return failed(error.heldMs / 1000 + jitter * SPREAD_SECONDS, false);
  if (error instanceof WindowTooFullError || error instanceof EndlessSyncError) {
    return failed(OPERATOR_SECONDS * (1 + jitter));
  }
  if (!(error instanceof EwsError)) return failed(doubling);
  // The host's or account's own back-off says when it is asked again; the mailbox is not to blame.
  if (error.scope === 'host' || (error.scope === 'account' && error.errorClass !== 'auth')) {
    const waits = failed(Math.max(askedSeconds(error), 1) + jitter * SPREAD_SECONDS, false);
    // Of two addresses that Autodiscover tells, only one may be within reach from here.
    return { ...waits, lost: error.scope === 'host' && lease.ewsUrl !== null };
  }
  switch (error.errorClass) {
    case 'throttle':
      // Never earlier than asked; a little later, so that not all mailboxes come back in the same moment.
      return { ...failed(Math.max(askedSeconds(error) + jitter, doubling)), held: true };
    case 'moving':
      return { ...failed(MOVING_SECONDS * (1 + jitter)), lost: true };
    case 'mailbox':
      if (!isDeniedAgain(lease)) return { ...failed(doubling), lost: isUnknown(error) };
      return { ...failed(DENIED_SECONDS * (1 + jitter / 10)), status: 'denied', lost: isUnknown(error) };
    case 'auth':
      return failed(1 + jitter, false);
    case 'config':
      return failed(OPERATOR_SECONDS * (1 + jitter));
    case 'unknown':
      return failed(Math.min(LONGEST_UNKNOWN_SECONDS, doubling));
    default:
      return failed(isStubborn(error, lease) ? LONGEST_HOLD_SECONDS : doubling);
  }
}

/** A mailbox is given up, for an hour, only when the same was said before: other troubles do not count towards it. */
function isDeniedAgain({ failures, lastError }: MailboxLease): boolean {
  return failures + 1 >= ATTEMPTS_BEFORE_DENIED && lastError?.startsWith('mailbox:') === true;
}

/** It may be elsewhere; one that must not be read is where it was. */
function isUnknown({ responseCode }: EwsError): boolean {
  return responseCode === 'ErrorNonExistentMailbox';
}

function isStubborn(error: EwsError, { failures, lastError }: MailboxLease): boolean {
  if (error.responseCode !== 'ErrorInternalServerError') return false;
  return failures >= MOST_QUICK_RETRIES && lastError === errorCode(error);
}

function askedSeconds({ backOffMs = 0 }: EwsError): number {
  return Math.min(LONGEST_ASKED_SECONDS, backOffMs / 1000);
}

/** Whether something else than the mailbox is in trouble, and told already by what watches it. */
export function isToldElsewhere(error: unknown): boolean {
  if (error instanceof NoAccountLeftError || error instanceof ServerHeldError) return true;
  return error instanceof EwsError && (error.scope === 'host' || error.scope === 'account');
}

/** What happened in codes, the class of the error first: what the operator's tools show. No content. */
export function errorCode(error: unknown): string {
  if (error instanceof EwsError) {
    const { errorClass, code, responseCode, httpStatus, operation } = error;
    return `${errorClass}: ${[code, responseCode ?? httpStatus, operation].filter(Boolean).join(' ')}`;
  }
  return error instanceof Error && 'code' in error && error.code !== undefined ? String(error.code) : 'sync-failed';
}
