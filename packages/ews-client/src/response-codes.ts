import type { EwsErrorClass, EwsErrorScope } from './ews-error.ts';

/** What one of Exchange's response codes means to this client. */
export interface ResponseCodeRule {
  readonly errorClass: EwsErrorClass;
  readonly scope: EwsErrorScope;
}

interface CodeGroup extends ResponseCodeRule {
  readonly codes: readonly string[];
}

// docs/reference/exchange.md §6.6 and §10.2. Those without `Error` in front are Autodiscover's ([MS-OXWSADISC]).
const groups: readonly CodeGroup[] = [
  { errorClass: 'throttle', scope: 'mailbox', codes: ['ErrorServerBusy', 'ServerBusy'] },
  { errorClass: 'throttle', scope: 'account', codes: ['ErrorTooManyObjectsOpened', 'ErrorExceededConnectionCount'] },
  {
    errorClass: 'size',
    scope: 'mailbox',
    codes: [
      'ErrorTimeoutExpired',
      'ErrorExceededFindCountLimit',
      'ErrorRequestStreamTooBig',
      'ErrorBatchProcessingStopped',
      'ErrorDataSizeLimitExceeded',
      'ErrorResultSetTooBig',
    ],
  },
  {
    errorClass: 'transient',
    scope: 'mailbox',
    codes: [
      'ErrorInternalServerTransientError',
      'ErrorInternalServerError',
      'InternalServerError',
      'ErrorConnectionFailed',
      'ErrorMailboxStoreUnavailable',
      'ErrorMailboxFailover',
      'ErrorNoRespondingCASInDestinationSite',
      'ErrorNoApplicableProxyCASServersAvailable',
      'ErrorProxyCallFailed',
      'ErrorProxyRequestProcessingFailed',
      'ErrorClientDisconnected',
      'ErrorRequestAborted',
    ],
  },
  {
    errorClass: 'transient',
    scope: 'host',
    codes: ['ErrorInsufficientResources', 'ErrorNotEnoughMemory', 'ErrorADUnavailable', 'ErrorADOperation'],
  },
  {
    errorClass: 'moving',
    scope: 'mailbox',
    codes: ['ErrorMailboxMoveInProgress', 'ErrorCrossSiteRequest', 'ErrorProxyRequestNotAllowed'],
  },
  {
    errorClass: 'item',
    scope: 'item',
    codes: [
      'ErrorItemNotFound',
      'ErrorCorruptData',
      'ErrorItemCorrupt',
      'ErrorItemPropertyRequestFailed',
      'ErrorMimeContentConversionFailed',
      'ErrorContentConversionFailed',
      'ErrorInvalidId',
      'ErrorInvalidIdEmpty',
      'ErrorInvalidIdMalformed',
      'ErrorInvalidIdMonikerTooLong',
      'ErrorInvalidIdStoreObjectIdTooLong',
      'ErrorCalendarCannotUseIdForRecurringMasterId',
      'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
      'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
    ],
  },
  {
    errorClass: 'mailbox',
    scope: 'mailbox',
    codes: [
      'ErrorNonExistentMailbox',
      'InvalidUser',
      'InvalidDomain',
      'ErrorNonPrimarySmtpAddress',
      'ErrorInvalidSmtpAddress',
      'ErrorMissingEmailAddress',
      'ErrorImpersonateUserDenied',
      'ErrorImpersonationDenied',
      'ErrorImpersonationFailed',
      'ErrorAccessDenied',
      'ErrorAccountDisabled',
      'ErrorMailboxConfiguration',
      'ErrorMailboxLogonFailed',
      'ErrorFolderNotFound',
      'ErrorNoCalendar',
      'ErrorCalendarFolderIsInvalidForCalendarView',
      'ErrorUserNotAllowedByPolicy',
    ],
  },
  { errorClass: 'resync', scope: 'mailbox', codes: ['ErrorInvalidSyncStateData', 'ErrorSyncFolderNotFound'] },
  {
    errorClass: 'resubscribe',
    scope: 'mailbox',
    codes: [
      'ErrorSubscriptionNotFound',
      'ErrorInvalidSubscription',
      'ErrorExpiredSubscription',
      'ErrorSubscriptionUnsubscribed',
      'ErrorReadEventsFailed',
      'ErrorMissedNotificationEvents',
    ],
  },
  {
    errorClass: 'config',
    scope: 'host',
    codes: [
      'ErrorInvalidServerVersion',
      'ErrorIncorrectSchemaVersion',
      'InvalidRequest',
      'InvalidSetting',
      'NotFederated',
    ],
  },
  {
    errorClass: 'config',
    scope: 'mailbox',
    codes: [
      'ErrorInvalidSchemaVersionForMailboxVersion',
      'ErrorSchemaValidation',
      'ErrorInvalidRequest',
      'ErrorInvalidPropertyRequest',
      'ErrorInvalidExchangeImpersonationHeaderData',
      'ErrorCalendarViewRangeTooBig',
    ],
  },
  {
    errorClass: 'config',
    scope: 'account',
    codes: ['ErrorPasswordExpired', 'ErrorPasswordChangeRequired', 'ErrorOrganizationAccessBlocked'],
  },
];

const rules: ReadonlyMap<string, ResponseCodeRule> = new Map(
  groups.flatMap(({ errorClass, scope, codes }) => codes.map((code) => [code, { errorClass, scope }] as const)),
);
const unknown: ResponseCodeRule = { errorClass: 'unknown', scope: 'mailbox' };

/** A code as it is told: a plain word; anything else is not repeated. */
export function plainCode(reported: string): string {
  return /^\w{1,100}$/.test(reported) ? reported : 'unnamed error';
}

/** The class of an Exchange response code; codes that no one foresaw are `unknown`. */
export function ruleOf(responseCode: string): ResponseCodeRule {
  return rules.get(responseCode) ?? unknown;
}

/**
 * The class of a code in the answer to one of several items: there a refused property means that the item is no calendar
 * item, not that the request is wrong for all.
 */
export function ruleOfItem(responseCode: string): ResponseCodeRule {
  return responseCode === 'ErrorInvalidPropertyRequest' ? { errorClass: 'item', scope: 'item' } : ruleOf(responseCode);
}

const remedies: Readonly<Record<EwsErrorClass, string>> = {
  throttle: 'the server asks to slow down: hold further calls',
  size: 'too much was asked at once: ask again for less',
  transient: 'the server has a passing trouble: try again later',
  moving: 'the mailbox is being moved or is served elsewhere: wait some minutes, then check the EWS URL',
  item: 'this item cannot be read: it is skipped',
  mailbox:
    "this mailbox cannot be read: check its address, that it is enabled, and the service account's ApplicationImpersonation right",
  resync: 'the sync state is no longer valid: list the folder anew and reconcile',
  resubscribe: 'the subscription is gone: make a new one, then sync',
  config: 'this does not pass by itself: an administrator must act',
  auth: 'the sign-in was refused: check login and password',
  unknown: 'this code is not known to the connector: it is tried again',
};

/** What to do about an error of a class, for messages. */
export function remedyOf(errorClass: EwsErrorClass): string {
  return remedies[errorClass];
}
