/** How far a failure of a calendar server reaches: the whole server, the account that asked, one mailbox, or one item. */
export type ProviderReach = 'server' | 'account' | 'mailbox' | 'item';

/**
 * What a failure means for the next try:
 * `held` nothing was asked, since the server, the account or the mailbox is left alone for a while; `throttle` the server
 * asks for a pause; `size` too much was asked for at once; `transient` it passes by itself; `moving` the mailbox is being
 * moved; `item` one item cannot be read; `mailbox` the mailbox cannot be opened; `resync` the position of the sync is not
 * valid; `config` a person must act; `auth` the sign-in was refused; `unknown` as `transient`, with shorter pauses.
 */
export type ProviderErrorClass =
  | 'held'
  | 'throttle'
  | 'size'
  | 'transient'
  | 'moving'
  | 'item'
  | 'mailbox'
  | 'resync'
  | 'config'
  | 'auth'
  | 'unknown';

/** What the server does not know (any more): the sync state, the folder, or the mailbox, which may be elsewhere. */
export type LostAtProvider = 'sync-state' | 'folder' | 'mailbox';

export interface ProviderErrorFacts {
  /** A stable code of the cause, such as `ews-timeout`. */
  readonly code: string;
  readonly reach: ProviderReach;
  readonly errorClass: ProviderErrorClass;
  /** The server's own code or status for it. */
  readonly detail?: string | undefined;
  /** What the server was asked to do. */
  readonly operation?: string | undefined;
  /** Milliseconds for which the server, or whoever holds calls back, wants no further call. */
  readonly retryAfterMs?: number | undefined;
  readonly lost?: LostAtProvider | undefined;
  /** The server failed by itself and does not say why: a few quick retries are worth it, many are not. */
  readonly unexplained?: boolean | undefined;
  readonly cause?: unknown;
}

/** A calendar server could not be read: what every method of a `CalendarProvider` rejects with. */
export class ProviderError extends Error {
  readonly code: string;
  readonly reach: ProviderReach;
  readonly errorClass: ProviderErrorClass;
  readonly detail: string | undefined;
  readonly operation: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly lost: LostAtProvider | undefined;
  readonly unexplained: boolean;

  constructor(message: string, facts: ProviderErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = facts.code;
    this.reach = facts.reach;
    this.errorClass = facts.errorClass;
    this.detail = facts.detail;
    this.operation = facts.operation;
    this.retryAfterMs = facts.retryAfterMs;
    this.lost = facts.lost;
    this.unexplained = facts.unexplained ?? false;
  }
}
