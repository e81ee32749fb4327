import * as uWS from 'uWebSockets.js';
import { closeCode, SUBPROTOCOL, WEBSOCKET_PATH } from 'gateway-protocol';
import { PortTakenError, TlsUnusableError } from './listen-errors.ts';
import { type Peer, PeerReader } from './peer.ts';
import type { HttpReply, PeerSocket, SocketHandler, TransportHandlers } from './transport.ts';

// The only file that knows uWebSockets.js: all that is native, unchecked or valid only for the length of a callback stays here.

/** Frames up to this size are answered with 1009; beyond it the library cuts the connection by itself. */
const MOST_FRAME_BYTES = 16 * 1024 * 1024;
/** Two full windows of pushes and a page besides; a client that reads less is too slow. */
const MOST_BUFFERED_BYTES = 4 * 1024 * 1024;
const MOST_BODY_BYTES = 16 * 1024;
const CLOSE_REASON_BYTES = 123;

export interface UwsServerOptions {
  /** IP address or `localhost`; empty: all interfaces. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly sharePort: boolean;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Read at every connection and frame, since a reload may change them. */
  readonly live: () => { readonly trustedProxies: readonly string[]; readonly frameBytes: number };
}

interface SocketData {
  readonly peerSocket: UwsSocket;
  /** undefined until the socket has been handed over. */
  handler: SocketHandler | undefined;
  /** Close code, once it has ended. */
  endedWith: number | undefined;
}

/** The native call also takes host and options together; the package's types do not say so. */
type Listen = (...args: (string | number | ((socket: uWS.us_listen_socket | false) => void))[]) => void;

/** WebSocket endpoint, token endpoint and `/healthz` on one port. */
export class UwsServer {
  readonly #options: UwsServerOptions;
  readonly #handlers: TransportHandlers;
  readonly #app: uWS.TemplatedApp;
  #listening: uWS.us_listen_socket | undefined;
  /** Made anew when a reload brings another list of proxies. */
  #peers: { readonly proxies: readonly string[]; readonly reader: PeerReader } | undefined;

  /** @throws TlsUnusableError */
  constructor(options: UwsServerOptions, handlers: TransportHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    const { tls } = options;
    this.#app = tls ? secureApp(tls) : uWS.App();
    const behavior = this.#webSocketBehavior();
    this.#app.ws(WEBSOCKET_PATH, behavior).ws(`${WEBSOCKET_PATH}/`, behavior);
    for (const [path, handle] of Object.entries(handlers.posts)) {
      this.#app.post(path, (res, req) => this.#post(res, req, handle));
    }
    this.#app.get('/healthz', (res) => {
      const healthy = handlers.healthy();
      writeReply(res, { status: healthy ? 200 : 503, body: { ok: healthy } });
    });
    this.#app.any('/*', (res) => {
      writeReply(res, { status: 404, body: { error: 'not_found', error_description: 'nothing is served here' } });
    });
  }

  /**
   * Begins to accept connections.
   *
   * @returns the port
   * @throws PortTakenError when another program, or another gateway without `sharePort`, has it
   */
  listen(): number {
    const { host, port, sharePort } = this.#options;
    const exclusive = (uWS as unknown as { LIBUS_LISTEN_EXCLUSIVE_PORT: number }).LIBUS_LISTEN_EXCLUSIVE_PORT;
    let listening: uWS.us_listen_socket | false = false;
    const listen = this.#app.listen.bind(this.#app) as unknown as Listen;
    const where = host === '' ? [port] : [host, port];
    // The callback runs before `listen` returns.
    listen(...where, sharePort ? 0 : exclusive, (socket) => {
      listening = socket;
    });
    if (listening === false) throw new PortTakenError(host, port);
    this.#listening = listening;
    return uWS.us_socket_local_port(listening as unknown as uWS.us_socket);
  }

  /** Accepts no further connections; those that are open stay. */
  stopListening(): void {
    if (this.#listening !== undefined) uWS.us_listen_socket_close(this.#listening);
    this.#listening = undefined;
  }

  /** Ends everything at once. */
  close(): void {
    this.#listening = undefined;
    this.#app.close();
  }

  #webSocketBehavior(): uWS.WebSocketBehavior<SocketData> {
    return {
      maxPayloadLength: MOST_FRAME_BYTES,
      maxBackpressure: MOST_BUFFERED_BYTES,
      closeOnBackpressureLimit: false,
      // Pings and idleness are the gateway's own business, with limits that can change at run time.
      idleTimeout: 0,
      sendPingsAutomatically: false,
      upgrade: (res, req, context) => this.#upgrade(res, req, context),
      open: (ws) => this.#open(ws),
      message: (ws, message, isBinary) => this.#guard(() => this.#receive(ws.getUserData(), message, isBinary)),
      dropped: (ws) => ws.getUserData().peerSocket.markDropped(),
      ping: (ws) => ws.getUserData().handler?.heard(),
      pong: (ws) => ws.getUserData().handler?.heard(),
      close: (ws, code) => {
        const data = ws.getUserData();
        data.peerSocket.detach();
        data.endedWith = code;
        this.#guard(() => data.handler?.gone(code));
      },
    };
  }

  #open(ws: uWS.WebSocket<SocketData>): void {
    const data = ws.getUserData();
    data.peerSocket.attach(ws);
    this.#guard(() => {
      data.handler = this.#handlers.open(data.peerSocket);
    });
    const { handler, endedWith, peerSocket } = data;
    if (handler === undefined) peerSocket.end(closeCode('internalError'), 'the gateway failed');
    // The library calls `close` inside `end`: a socket that was ended while it was handed over had no handler then.
    else if (endedWith !== undefined) this.#guard(() => handler.gone(endedWith));
  }

  #upgrade(res: uWS.HttpResponse, req: uWS.HttpRequest, context: uWS.us_socket_context_t): void {
    const offered = req.getHeader('sec-websocket-protocol');
    const protocols = offered.split(',').map((name) => name.trim());
    if (offered !== '' && !protocols.includes(SUBPROTOCOL)) {
      const description = `of the WebSocket subprotocols only ${SUBPROTOCOL} is spoken here`;
      writeReply(res, { status: 400, body: { error: 'unsupported_protocol', error_description: description } });
      return;
    }
    const data: SocketData = {
      peerSocket: new UwsSocket(this.#peer(res, req)),
      handler: undefined,
      endedWith: undefined,
    };
    const { key, extensions } = {
      key: req.getHeader('sec-websocket-key'),
      extensions: req.getHeader('sec-websocket-extensions'),
    };
    res.upgrade(data, key, offered === '' ? '' : SUBPROTOCOL, extensions, context);
  }

  #receive({ handler, peerSocket }: SocketData, message: ArrayBuffer, isBinary: boolean): void {
    handler?.heard();
    if (message.byteLength > this.#options.live().frameBytes) {
      peerSocket.end(closeCode('frameTooLarge'), `a frame may have ${this.#options.live().frameBytes} bytes`);
    } else if (isBinary) {
      peerSocket.end(closeCode('binaryFrame'), 'text frames only');
    } else {
      // The buffer is taken back when this returns, so it is copied into a string here.
      handler?.receive(Buffer.from(message).toString('utf8'));
    }
  }

  #post(res: uWS.HttpResponse, req: uWS.HttpRequest, handle: TransportHandlers['posts'][string]): void {
    const peer = this.#peer(res, req);
    const contentType = req.getHeader('content-type');
    const chunks: Buffer[] = [];
    let size = 0;
    let answered = false;
    const answer = (reply: HttpReply) => {
      if (answered) return;
      answered = true;
      res.cork(() => writeReply(res, reply));
    };
    res.onAborted(() => {
      answered = true;
    });
    res.onData((chunk, isLast) => {
      size += chunk.byteLength;
      if (size > MOST_BODY_BYTES) {
        const description = `the body may have ${MOST_BODY_BYTES} bytes`;
        answer({ status: 413, body: { error: 'invalid_request', error_description: description } });
        return;
      }
      chunks.push(Buffer.from(new Uint8Array(chunk)));
      if (!isLast || answered) return;
      handle({ peer, contentType, body: Buffer.concat(chunks).toString('utf8') }).then(answer, (error: unknown) => {
        this.#handlers.onDefect(error);
        answer({ status: 500, body: { error: 'server_error', error_description: 'the gateway failed' } });
      });
    });
  }

  #peer(res: uWS.HttpResponse, req: uWS.HttpRequest): Peer {
    const { trustedProxies } = this.#options.live();
    if (this.#peers?.proxies !== trustedProxies) {
      this.#peers = { proxies: trustedProxies, reader: new PeerReader(trustedProxies) };
    }
    return this.#peers.reader.read({
      remoteAddress: Buffer.from(res.getRemoteAddressAsText()).toString('latin1'),
      forwardedFor: req.getHeader('x-forwarded-for'),
      forwardedProto: req.getHeader('x-forwarded-proto'),
      tls: this.#options.tls !== undefined,
    });
  }

  /** An exception that leaves a native callback would end the process. */
  #guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#handlers.onDefect(error);
    }
  }
}

function secureApp({ cert, key }: { readonly cert: string; readonly key: string }): uWS.TemplatedApp {
  try {
    return uWS.SSLApp({ cert_file_name: cert, key_file_name: key });
  } catch {
    throw new TlsUnusableError(cert, key);
  }
}

class UwsSocket implements PeerSocket {
  readonly peer: PeerSocket['peer'];
  #ws: uWS.WebSocket<SocketData> | undefined;
  #dropped = false;

  constructor(peer: PeerSocket['peer']) {
    this.peer = peer;
  }

  get closed(): boolean {
    return this.#ws === undefined;
  }

  attach(ws: uWS.WebSocket<SocketData>): void {
    this.#ws = ws;
  }

  detach(): void {
    this.#ws = undefined;
  }

  markDropped(): void {
    this.#dropped = true;
  }

  send(text: string): 'sent' | 'dropped' {
    if (this.#ws === undefined) return 'sent';
    return this.#ws.send(text, false, false) === 2 || this.#dropped ? 'dropped' : 'sent';
  }

  ping(): void {
    this.#ws?.ping();
  }

  end(code: number, reason: string): void {
    this.#ws?.end(
      code,
      Buffer.from(reason)
        .subarray(0, CLOSE_REASON_BYTES)
        .toString('utf8')
        .replace(/\uFFFD$/u, ''),
    );
  }

  terminate(): void {
    this.#ws?.close();
  }
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: '200 OK',
  201: '201 Created',
  400: '400 Bad Request',
  401: '401 Unauthorized',
  403: '403 Forbidden',
  404: '404 Not Found',
  413: '413 Content Too Large',
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
};

function writeReply(res: uWS.HttpResponse, { status, body, headers = {} }: HttpReply): void {
  res.writeStatus(STATUS_TEXTS[status] ?? String(status));
  res.writeHeader('content-type', 'application/json');
  res.writeHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value);
  res.end(JSON.stringify(body), status === 413);
}
