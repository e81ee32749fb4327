/**
 * What a caller should do about a failure:
 * - `transient`: try again later (5xx, 429, timeouts, sockets, HTML from a proxy);
 * - `auth`: the client id, secret, scopes or token are not accepted;
 * - `notFound`: the conference, user or invitation does not exist;
 * - `conflict`: the wanted conference id is taken;
 * - `permanent`: the server understood and refused; the same request will be refused again;
 * - `config`: address, TLS or proxy set-up is wrong; an administrator has to act.
 */
export type TrueConfErrorClass = 'transient' | 'auth' | 'notFound' | 'conflict' | 'permanent' | 'config';

/** Stable names of the causes, for logs, metrics and stored reasons. */
export type TrueConfErrorCode =
  | 'trueconf-aborted'
  | 'trueconf-ambiguous-user'
  | 'trueconf-bad-input'
  | 'trueconf-bad-url'
  | 'trueconf-closed'
  | 'trueconf-conflict'
  | 'trueconf-forbidden'
  | 'trueconf-insecure-connection'
  | 'trueconf-not-found'
  | 'trueconf-redirected'
  | 'trueconf-refused'
  | 'trueconf-server-error'
  | 'trueconf-socket'
  | 'trueconf-throttled'
  | 'trueconf-timeout'
  | 'trueconf-tls'
  | 'trueconf-token-refused'
  | 'trueconf-unauthorized'
  | 'trueconf-unexpected-reply'
  | 'trueconf-unreachable';

/**
 * Whether the request reached the server:
 * - `no`: it never left this process (refused connection, failed TLS, no token);
 * - `maybe`: it was written, and whether it took effect is unknown: no answer, 5xx, an answer of a proxy or one that
 *   cannot be read;
 * - `yes`: the server answered and refused it.
 */
export type RequestSent = 'no' | 'maybe' | 'yes';

export interface TrueConfErrorFields {
  code: TrueConfErrorCode;
  errorClass: TrueConfErrorClass;
  sent: RequestSent;
  httpStatus?: number | undefined;
  reason?: string | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** The one error thrown by {@link TrueConfClient}. Messages carry no token, password, secret, topic or body. */
export class TrueConfError extends Error {
  readonly code: TrueConfErrorCode;
  readonly errorClass: TrueConfErrorClass;
  readonly sent: RequestSent;
  /** HTTP status of the answer; null when there was none. */
  readonly httpStatus: number | null;
  /** `errors[0].reason` of the server's error body (or the OAuth `error`), for example `conferenceNotFound`. */
  readonly reason: string | null;
  /** What `Retry-After` asked for, in milliseconds; null when it was absent. */
  readonly retryAfterMs: number | null;

  constructor(message: string, fields: TrueConfErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = new.target.name;
    this.code = fields.code;
    this.errorClass = fields.errorClass;
    this.sent = fields.sent;
    this.httpStatus = fields.httpStatus ?? null;
    this.reason = fields.reason ?? null;
    this.retryAfterMs = fields.retryAfterMs ?? null;
  }

  /** The same error, said about another request. */
  withSent(sent: RequestSent): TrueConfError {
    return new TrueConfError(this.message, {
      code: this.code,
      errorClass: this.errorClass,
      sent,
      httpStatus: this.httpStatus ?? undefined,
      reason: this.reason ?? undefined,
      retryAfterMs: this.retryAfterMs ?? undefined,
      cause: this.cause,
    });
  }
}
