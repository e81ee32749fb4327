/**
 * What a caller does about an error:
 * `throttle` hold the scope for `backOffMs`; `size` halve the batch or window; `transient` retry with back-off;
 * `moving` wait minutes; `item` skip that item; `mailbox` disable after some hits, keep its cache; `resync` start
 * without sync state and reconcile; `resubscribe` make a new subscription; `config` stop until a person acts; `auth`
 * count against the credential; `unknown` as transient, with a low cap.
 */
export type EwsErrorClass =
  | 'throttle'
  | 'size'
  | 'transient'
  | 'moving'
  | 'item'
  | 'mailbox'
  | 'resync'
  | 'resubscribe'
  | 'config'
  | 'auth'
  | 'unknown';

/** How far an error reaches: the one item, the mailbox, the service account, or the whole host. */
export type EwsErrorScope = 'item' | 'mailbox' | 'account' | 'host';

/** Where a call was when it failed. */
export interface EwsCallPlace {
  readonly host: string;
  /** Null: Autodiscover, which is asked about many at once. */
  readonly mailbox: string | null;
  readonly operation: string;
  /** The server's `request-id`, for its logs. */
  readonly requestId?: string | undefined;
}

/** What a call was made to, for messages. */
export function serviceOf({ mailbox }: EwsCallPlace): 'EWS' | 'Autodiscover' {
  return mailbox === null ? 'Autodiscover' : 'EWS';
}

export interface EwsErrorDetails {
  readonly errorClass: EwsErrorClass;
  readonly scope: EwsErrorScope;
  readonly responseCode?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly backOffMs?: number | undefined;
}

/**
 * Base of every error this package throws, but an aborted call (which rejects with the signal's reason).
 * Carries no password, header, subject or body text.
 */
export abstract class EwsError extends Error {
  abstract readonly code: string;
  readonly errorClass: EwsErrorClass;
  readonly scope: EwsErrorScope;
  readonly host: string;
  /** Null when the call was about many, and fails for all of them. */
  readonly mailbox: string | null;
  readonly operation: string;
  /** Exchange's own code (`ErrorServerBusy`), when it gave one. */
  readonly responseCode: string | undefined;
  readonly httpStatus: number | undefined;
  /** How long the server asked to be left alone, in milliseconds (may be 0). */
  readonly backOffMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, place: EwsCallPlace, details: EwsErrorDetails) {
    const mailbox = place.mailbox === null ? '' : `, mailbox ${place.mailbox}`;
    super(`${message} (host ${place.host}${mailbox}, operation ${place.operation})`);
    this.name = new.target.name;
    this.errorClass = details.errorClass;
    this.scope = place.mailbox === null && details.scope === 'mailbox' ? 'host' : details.scope;
    this.host = place.host;
    this.mailbox = place.mailbox;
    this.operation = place.operation;
    this.responseCode = details.responseCode;
    this.httpStatus = details.httpStatus;
    this.backOffMs = details.backOffMs;
    this.requestId = place.requestId;
  }
}

/** Exchange answered with one of its own codes, in a SOAP fault or in a response message. */
export class EwsResponseError extends EwsError {
  readonly code = 'ews-response';
}

/** The HTTP status, redirect or content type says that this was no EWS answer. */
export class EwsHttpError extends EwsError {
  readonly code = 'ews-http';
}

/** The server refused the credential (401). */
export class EwsAuthError extends EwsError {
  readonly code = 'ews-auth-refused';
}

/** The token endpoint gave no token, for another reason than the client's secret. */
export class EwsTokenError extends EwsError {
  readonly code = 'ews-token';
}

/** The server offers no kind of sign-in that this client can serve. */
export class EwsAuthUnsupportedError extends EwsError {
  readonly code = 'ews-auth-unsupported';
}

/** The answer is no well-formed XML, not an answer to what was asked, or breaks a limit. */
export class EwsReplyError extends EwsError {
  readonly code = 'ews-bad-reply';
}

/** The caller asked for something that EWS cannot take. */
export class EwsRequestError extends EwsError {
  readonly code = 'ews-bad-request';
}

/** No connection, or one that broke. */
export class EwsNetworkError extends EwsError {
  readonly code = 'ews-network';
}

/** The server's certificate is not trusted or TLS failed otherwise. */
export class EwsTlsError extends EwsError {
  readonly code = 'ews-tls';
}

/** No answer in time. */
export class EwsTimeoutError extends EwsError {
  readonly code = 'ews-timeout';
}
