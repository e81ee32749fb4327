/** Mailboxes that are listened to together: those of a sync group. */
export interface WatchRequest {
  /** Names the group. */
  readonly group: string;
  /**
   * The mailboxes that are to be listened to at this moment, asked again and again: `joining` ones now, the others only if
   * they are listened to already. In a lasting order.
   */
  readonly mailboxes: () => readonly WatchedMailbox[];
}

export interface WatchedMailbox {
  readonly address: string;
  /** Whether it may be asked for: one that is in a back-off of its own is left alone. */
  readonly joining: boolean;
}

/** Why nothing is told for now. */
export interface WatchTrouble {
  /** A short word for metrics. */
  readonly reason: string;
  /** Milliseconds until it is tried again. */
  readonly retryMs: number;
  /** Whether this is no fault of anybody's: more is wanted than the limits allow. */
  readonly byLimit: boolean;
  /** Whether an earlier line of the log says why. */
  readonly isReported: boolean;
  readonly error: unknown;
}

/** Who is told, until the signal of the watch fires. None of the methods throws or waits. */
export interface WatchListener {
  /**
   * A stream is open: from now on what happens in these mailboxes is told; what happened before was not, so they must be
   * synchronized.
   */
  watching(mailboxes: readonly string[]): void;
  changed(mailbox: string): void;
  /**
   * A stream that was open is not any more. Its mailboxes count as listened to until `left` or `lost` names them: the next
   * stream may follow at once. @param reason a short word for metrics
   */
  ended(reason: string): void;
  /** These mailboxes are no longer listened to, while others of the group may be. */
  left(mailboxes: readonly string[]): void;
  /** What happens in these mailboxes is no longer told. */
  lost(mailboxes: readonly string[], trouble: WatchTrouble): void;
  /** This one mailbox cannot be listened to for now. */
  refused(mailbox: string, trouble: WatchTrouble): void;
}

/** Listens until the signal fires, then gives back what the server keeps for it. Never rejects. */
export type Watch = (request: WatchRequest, listener: WatchListener, signal: AbortSignal) => Promise<void>;
