import type { MailboxLease, SyncFailure } from 'calendar-db';
import { EwsError } from 'ews-client';
import { NoAccountLeftError } from '../provider/no-account-left-error.ts';

const LONGEST_HOLD_SECONDS = 600;
const MOVING_SECONDS = 180;
/** How often a mailbox that cannot be opened is tried again. */
const DENIED_SECONDS = 3_600;
const ATTEMPTS_BEFORE_DENIED = 3;
const OPERATOR_SECONDS = 300;
const ACCOUNT_SECONDS = 30;

/**
 * What a failed sync leads to (ews.md §10): when the mailbox is tried again and how it stands meanwhile. Its cache and
 * sync state stay as they are in every case.
 *
 * @param jitter from 0 to 1, so that many mailboxes do not come back in the same moment
 */
export function failurePolicy(error: unknown, lease: MailboxLease, jitter: number): SyncFailure {
  const doubling = Math.min(LONGEST_HOLD_SECONDS, 2 ** Math.min(lease.failures, 10)) * (1 + jitter / 2);
  // A mailbox that has a cache goes on being shown; the mark tells that it is no longer fresh.
  const status = lease.cached ? 'stale' : lease.status;
  const failed = (retrySeconds: number, counts = true): SyncFailure => ({
    status,
    error: errorCode(error),
    retrySeconds,
    counts,
  });
  if (error instanceof NoAccountLeftError) return failed(ACCOUNT_SECONDS * (1 + jitter), false);
  if (!(error instanceof EwsError)) return failed(doubling);
  switch (error.errorClass) {
    case 'throttle':
      return failed(Math.max((error.backOffMs ?? 0) / 1000, Math.min(doubling, LONGEST_HOLD_SECONDS)));
    case 'moving':
      return failed(MOVING_SECONDS * (1 + jitter));
    case 'mailbox':
      if (lease.failures + 1 < ATTEMPTS_BEFORE_DENIED) return failed(doubling);
      return { status: 'denied', error: errorCode(error), retrySeconds: DENIED_SECONDS * (1 + jitter), counts: true };
    case 'auth':
      return failed(1 + jitter, false);
    case 'config':
      return failed(OPERATOR_SECONDS * (1 + jitter));
    default:
      return failed(doubling);
  }
}

/** Our code and Exchange's: what the operator's tools show. No content. */
export function errorCode(error: unknown): string {
  if (error instanceof EwsError) {
    return [error.code, error.responseCode ?? error.httpStatus, error.operation].filter(Boolean).join(' ');
  }
  return error instanceof Error && 'code' in error ? String(error.code) : 'sync-failed';
}
