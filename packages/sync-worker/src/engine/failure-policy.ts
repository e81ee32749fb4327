import type { MailboxLease, SyncError, SyncFailure } from 'calendar-db/sync';
import { EndlessSyncError } from './drain-changes.ts';
import { ProviderError } from './provider-error.ts';
import { WindowTooFullError } from './window-too-full-error.ts';

const LONGEST_HOLD_SECONDS = 600;
/** Of what a server may ask for: beyond a day a mistyped `Retry-After` is likelier than a wish. */
const LONGEST_ASKED_SECONDS = 86_400;
/** For a code that nobody foresaw. */
const LONGEST_UNKNOWN_SECONDS = 120;
/** A failure without a reason that came so often in a row will hardly go away within seconds. */
const MOST_QUICK_RETRIES = 3;
const MOVING_SECONDS = 180;
/** How often a mailbox that cannot be opened is tried again. */
const DENIED_SECONDS = 3_600;
const ATTEMPTS_BEFORE_DENIED = 3;
const OPERATOR_SECONDS = 300;
/** Until it is looked again whether an account can be used. */
const ACCOUNT_SECONDS = 30;
/** Over which mailboxes spread that wait for the same server. */
const SPREAD_SECONDS = 3;

/**
 * What a failed sync leads to: when the mailbox is tried again and how it stands meanwhile. Its cache and sync state
 * stay as they are in every case. What Exchange's failures ask for stands in docs/reference/exchange.md §10.2.
 *
 * @param jitter from 0 to 1, so that many mailboxes do not come back in the same moment
 */
export function failurePolicy(error: unknown, lease: MailboxLease, jitter: number): SyncFailure {
  const doubling = Math.min(LONGEST_HOLD_SECONDS, 2 ** Math.min(lease.failures, 10) * (1 + jitter / 2));
  // A mailbox that has a cache goes on being shown; the mark tells that it is no longer fresh.
  const status = lease.cached ? 'stale' : lease.status;
  const failed = (retrySeconds: number, counts = true): SyncFailure => ({
    status,
    error: syncErrorOf(error),
    retrySeconds,
    counts,
  });
  if (error instanceof WindowTooFullError || error instanceof EndlessSyncError) {
    return failed(OPERATOR_SECONDS * (1 + jitter));
  }
  if (!(error instanceof ProviderError)) return failed(doubling);
  if (error.errorClass === 'held') {
    const { retryAfterMs } = error;
    if (retryAfterMs === undefined) return failed(ACCOUNT_SECONDS * (1 + jitter), false);
    return failed(retryAfterMs / 1000 + jitter * SPREAD_SECONDS, false);
  }
  // The server's or account's own back-off says when it is asked again; the mailbox is not to blame.
  if (error.reach === 'server' || (error.reach === 'account' && error.errorClass !== 'auth')) {
    const waits = failed(Math.max(askedSeconds(error), 1) + jitter * SPREAD_SECONDS, false);
    // Of two addresses that Autodiscover tells, only one may be within reach from here.
    return { ...waits, lost: error.reach === 'server' && lease.ewsUrl !== null };
  }
  switch (error.errorClass) {
    case 'throttle':
      // Never earlier than asked; a little later, so that not all mailboxes come back in the same moment.
      return { ...failed(Math.max(askedSeconds(error) + jitter, doubling)), held: true };
    case 'moving':
      return { ...failed(MOVING_SECONDS * (1 + jitter)), lost: true };
    case 'mailbox':
      if (!isDeniedAgain(lease)) return { ...failed(doubling), lost: error.lost === 'mailbox' };
      return { ...failed(DENIED_SECONDS * (1 + jitter / 10)), status: 'denied', lost: error.lost === 'mailbox' };
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
  return failures + 1 >= ATTEMPTS_BEFORE_DENIED && lastError?.errorClass === 'mailbox';
}

function isStubborn(error: ProviderError, { failures, lastError }: MailboxLease): boolean {
  return error.unexplained && failures >= MOST_QUICK_RETRIES && isSameError(lastError, syncErrorOf(error));
}

function askedSeconds({ retryAfterMs = 0 }: ProviderError): number {
  return Math.min(LONGEST_ASKED_SECONDS, retryAfterMs / 1000);
}

/** Whether something else than the mailbox is in trouble, and told already by what watches it. */
export function isToldElsewhere(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return false;
  return error.errorClass === 'held' || error.reach === 'server' || error.reach === 'account';
}

/** What happened as codes: what the database keeps of it. */
export function syncErrorOf(error: unknown): SyncError {
  const nothing = { errorClass: null, detail: null, operation: null };
  if (error instanceof ProviderError) {
    const { errorClass, code, detail = null, operation = null } = error;
    return errorClass === 'held' ? { ...nothing, code } : { code, errorClass, detail, operation };
  }
  const hasCode = error instanceof Error && 'code' in error && error.code !== undefined;
  return { ...nothing, code: hasCode ? String(error.code) : 'sync-failed' };
}

/** The codes of a failure in one line, its class first: for logs and metrics. */
export function errorCode(error: unknown): string {
  const { errorClass, code, detail, operation } = syncErrorOf(error);
  return errorClass === null ? code : `${errorClass}: ${[code, detail, operation].filter(Boolean).join(' ')}`;
}

/** Whether a mailbox fails for the same reason as the last time. */
export function isSameError(last: SyncError | null, error: SyncError): boolean {
  return (['code', 'errorClass', 'detail', 'operation'] as const).every((part) => last?.[part] === error[part]);
}
