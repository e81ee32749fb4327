import type { EwsCallPlace } from './ews-error.ts';

/** One request as it goes over the wire; authorization is the transport's business. */
export interface TransportRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the request and the reading of its reply. */
  readonly signal: AbortSignal;
  /** For error messages. */
  readonly place: EwsCallPlace;
  /**
   * Send it over a new socket that carries nothing else, does not count among `connections` and closes when its reply
   * has been read to the end, is left, or fails: for replies that stay open for minutes (GetStreamingEvents).
   */
  readonly dedicated?: boolean;
}

export interface TransportReply {
  readonly status: number;
  /** Lower-case names; repeated headers as arrays. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Unpacked bytes; read to the end or left by `return`, which frees the socket. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A way to POST to Exchange, one class for each kind of sign-in. */
export interface EwsTransport {
  /**
   * Sends a request and resolves once the reply's headers are there.
   * @throws EwsNetworkError, EwsTlsError, EwsTimeoutError, EwsAuthError, EwsAuthUnsupportedError
   */
  post(request: TransportRequest): Promise<TransportReply>;
  /** Closes all sockets, ending what is under way. */
  close(): Promise<void>;
}
