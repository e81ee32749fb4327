/** Connects a client for each person. The answer is the number of them. */
export interface ConnectTask {
  readonly task: 'connect';
  readonly gatewayUrl: string;
  readonly people: readonly string[];
  /** Unix ms: what the clients subscribe to. */
  readonly range: { readonly from: number; readonly to: number };
}

/** Asks how many clients show something. The answer is a {@link ViewerCount}. */
export interface CountTask {
  readonly task: 'count';
  readonly sight: Sight;
}

/** What a client shows of the meeting. */
export type Sight =
  /** So many occurrences with the title are on show and not cancelled. */
  | { readonly kind: 'shown'; readonly title: string; readonly occurrences: number }
  /** The conference of an occurrence with the title runs. */
  | { readonly kind: 'running'; readonly title: string }
  /** No occurrence that has the title is on show, but for cancelled ones. */
  | { readonly kind: 'withdrawn'; readonly title: string };

export interface ViewerCount {
  readonly seeing: number;
  /** Clients whose socket was closed; they do not come back. */
  readonly closed: number;
  /** Times that a client was asked to subscribe again. */
  readonly resyncs: number;
  /** Received by all clients so far. */
  readonly frames: number;
  readonly bytes: number;
}

export type ViewerTask = ConnectTask | CountTask;
