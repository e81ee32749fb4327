import type { Peer } from './peer.ts';

/** The gateway's end of one WebSocket. Every call is safe at any time; after the end nothing happens. */
export interface PeerSocket {
  readonly peer: Peer;
  readonly closed: boolean;
  /** Queues a text frame. `dropped`: the peer takes too little and the frame is lost. */
  send(text: string): 'sent' | 'dropped';
  ping(): void;
  /** Closes with a code (RFC 6455 §7.4) and a reason of at most 123 bytes. */
  end(code: number, reason: string): void;
  /** Drops the connection at once, without a word. */
  terminate(): void;
}

/** What the gateway does about one WebSocket. */
export interface SocketHandler {
  /** A text frame within the size limit. */
  receive(text: string): void;
  /** The peer is alive (any frame, ping or pong). */
  heard(): void;
  /** The socket has ended, from either side. Called once for each socket. @param code 1006 when neither side gave one */
  gone(code: number): void;
}

export interface HttpRequest {
  readonly peer: Peer;
  readonly contentType: string;
  readonly body: string;
}

export interface HttpReply {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TransportHandlers {
  /** May end the socket at once; `gone` follows then as ever. */
  open(socket: PeerSocket): SocketHandler;
  /** `POST` routes by path. A handler never rejects. */
  readonly posts: Readonly<Record<string, (request: HttpRequest) => Promise<HttpReply>>>;
  /** Whether the gateway is fit for clients, for `/healthz`. */
  healthy(): boolean;
  /** Something that only a defect of ours can cause; it was survived. */
  onDefect(error: unknown): void;
}
