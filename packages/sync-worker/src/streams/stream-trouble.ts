import { EwsError } from 'ews-client';
import { NoAccountLeftError } from '../accounts/no-account-left-error.ts';
import { ServerHeldError } from '../accounts/server-held-error.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LONGEST_MS = MINUTE;
/** Only asks ourselves whether there is one. */
const NONE_LEFT_MS = 2 * SECOND;
/** A limit may be taken up by streams that a server has not missed yet, so the first tries come soon. */
const LIMIT_MS = 5 * SECOND;
const LONGEST_LIMIT_MS = 5 * MINUTE;
const OPERATOR_MS = 15 * MINUTE;
const MAILBOX_MS = 10 * MINUTE;
const MOVING_MS = 3 * MINUTE;

/** No account has a stream left for a group: it is polled until one has. */
export class NoStreamLeftError extends Error {
  readonly code = 'stream-none-left';

  constructor(group: string) {
    super(`${group}: all streams of its accounts are in use (limits.streams), its mailboxes are polled`);
    this.name = new.target.name;
  }
}

/** What a failure means for a stream as a whole. */
export interface StreamFailure {
  readonly reason: string;
  readonly retryMs: number;
  readonly byLimit: boolean;
  /** Whether an earlier line of the log says why the server, or its accounts, are left alone. */
  readonly isReported: boolean;
  /** The subscriptions are of no use any more. */
  readonly spoilsSubscriptions: boolean;
  /** The account cannot serve it. */
  readonly spoilsAccount: boolean;
}

/**
 * What a failed stream, or an attempt to open one, leads to (docs/reference/exchange.md §6.6, §10.2).
 * @param failures how many came in a row, this one included
 * @param jitter from 0 to 1
 */
export function streamFailure(error: unknown, failures: number, jitter: number): StreamFailure {
  const doubling = (first: number, longest: number) =>
    Math.min(longest, first * 2 ** Math.min(failures - 1, 10)) * (1 - jitter / 4);
  const failed = (reason: string, retryMs: number, more: Partial<StreamFailure> = {}): StreamFailure => ({
    ...{ reason, retryMs, byLimit: false, isReported: false, spoilsSubscriptions: false, spoilsAccount: false },
    ...more,
  });
  if (error instanceof NoStreamLeftError) return failed('limit', NONE_LEFT_MS, { byLimit: true });
  if (error instanceof ServerHeldError)
    return failed('server-held', error.heldMs + jitter * SECOND, { isReported: true });
  if (error instanceof NoAccountLeftError) return failed('account', MINUTE, { spoilsAccount: true, isReported: true });
  if (!(error instanceof EwsError)) return failed('failed', doubling(SECOND, LONGEST_MS));
  if (error.responseCode === 'ErrorExceededConnectionCount') {
    const retryMs = Math.max(error.backOffMs ?? 0, doubling(LIMIT_MS, LONGEST_LIMIT_MS));
    return failed('limit', retryMs, { byLimit: true });
  }
  const asked = Math.max(error.backOffMs ?? 0, doubling(SECOND, LONGEST_MS));
  switch (error.errorClass) {
    case 'auth':
      return failed('account', asked, { spoilsAccount: true });
    case 'config':
      return failed('refused', OPERATOR_MS * (1 - jitter / 4));
    case 'resubscribe':
    case 'moving':
      return failed('subscriptions-lost', asked, { spoilsSubscriptions: true });
    default:
      return failed(error.code === 'ews-timeout' ? 'silence' : 'broken', asked);
  }
}

/** What a refused Subscribe of one mailbox leads to. */
export type SubscribeFailure =
  /** It concerns the server or the account: nobody can be subscribed now. */
  | { readonly reach: 'all' }
  /** The mailbox is served by other machines than the anchor's. */
  | { readonly reach: 'elsewhere' }
  | { readonly reach: 'mailbox'; readonly reason: string; readonly retryMs: number };

const ELSEWHERE = new Set([
  'ErrorProxyRequestNotAllowed',
  'ErrorCrossSiteRequest',
  'ErrorNoRespondingCASInDestinationSite',
  'ErrorNoApplicableProxyCASServersAvailable',
]);

/** @param isAnchor whether the mailbox was subscribed on its own machine @param jitter from 0 to 1 */
export function subscribeFailure(error: unknown, isAnchor: boolean, jitter: number): SubscribeFailure {
  if (!(error instanceof EwsError)) return { reach: 'all' };
  const { responseCode = '', errorClass, scope } = error;
  const refused = (reason: string, ms: number): SubscribeFailure => ({
    reach: 'mailbox',
    reason,
    retryMs: Math.max(error.backOffMs ?? 0, ms * (1 + jitter / 4)),
  });
  if (responseCode === 'ErrorExceededSubscriptionCount') return refused('limit', MAILBOX_MS);
  if (scope === 'host' || scope === 'account' || errorClass === 'auth') return { reach: 'all' };
  if (!isAnchor && ELSEWHERE.has(responseCode)) return { reach: 'elsewhere' };
  // A server that does not know the request refuses it to everybody; only the first one asks then.
  if (errorClass === 'config') return isAnchor ? { reach: 'all' } : refused('refused', OPERATOR_MS);
  if (errorClass === 'moving') return refused('moving', MOVING_MS);
  return refused(errorClass, errorClass === 'mailbox' ? MAILBOX_MS : MINUTE);
}
