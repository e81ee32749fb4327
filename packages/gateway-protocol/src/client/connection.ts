import { describeIssues, failurePayload, readFrame, SUBPROTOCOL } from '../frame.ts';
import {
  type ClientMethod,
  clientMethods,
  type GatewayPush,
  gatewayPushes,
  isGatewayPush,
  type MethodPayload,
  type MethodReply,
  type PushPayload,
} from '../methods.ts';
import type { ClientClock, WebSocketConstructor, WebSocketLike } from './environment.ts';
import { ConnectionLostError, GatewayRefusedError, UnexpectedFrameError } from './gateway-error.ts';

/** A client gives up on a connection whose request stays without an answer for so long. */
const REQUEST_TIMEOUT_MS = 30_000;
/** The gateway speaks at least every minute; a connection that is silent for longer is dead. */
const SILENCE_LIMIT_MS = 150_000;

const OPEN = 1;
const ABNORMAL = 1006;

export type Push = {
  readonly [P in GatewayPush]: { readonly method: P; readonly payload: PushPayload<P> };
}[GatewayPush];

export interface ConnectionEvents {
  opened(): void;
  /** The push is acknowledged when this returns. `receivedAt`: unix ms with fractions. */
  push(push: Push, receivedAt: number): void;
  /** Comes once, whoever closed. `problem` tells why the client itself gave up. */
  closed(code: number, reason: string, problem: Error | undefined): void;
}

interface Pending {
  readonly method: ClientMethod;
  /** Takes the reply over. @throws UnexpectedFrameError when it does not fit */
  settle(payload: unknown): void;
  reject(error: Error): void;
  cancelTimeout(): void;
}

/** One socket: request ids, replies, acknowledgements, and the watch over silence. It never reconnects. */
export class Connection {
  readonly #socket: WebSocketLike;
  readonly #clock: ClientClock;
  readonly #events: ConnectionEvents;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed = false;
  #problem: Error | undefined;
  #cancelSilenceWatch: () => void = () => undefined;

  constructor(url: string, WebSocket: WebSocketConstructor, clock: ClientClock, events: ConnectionEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#socket = new WebSocket(url, [SUBPROTOCOL]);
    this.#socket.addEventListener('open', () => {
      if (!this.#closed) events.opened();
    });
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data));
    this.#socket.addEventListener('close', ({ code, reason }) => this.#end(code, reason));
    // Browsers let a `close` follow; Node 22 does not when the connection could never be made.
    this.#socket.addEventListener('error', () => this.#end(ABNORMAL, 'the connection failed'));
    this.#watchSilence();
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param onReply takes the reply over in its place among the frames. What awaits the promise goes on only after pushes
   *   that were read from the network together with the reply
   * @throws GatewayRefusedError when the answer is an error code
   * @throws UnexpectedFrameError when the answer does not fit
   * @throws ConnectionLostError when none comes
   */
  request<M extends ClientMethod>(
    method: M,
    payload: MethodPayload<M>,
    onReply: (reply: MethodReply<M>) => void = () => undefined,
  ): Promise<MethodReply<M>> {
    return new Promise<MethodReply<M>>((resolve, reject) => {
      if (this.#closed || this.#socket.readyState !== OPEN) {
        reject(new ConnectionLostError(`${method} was not sent: there is no connection`));
        return;
      }
      const id = this.#nextId++;
      const cancelTimeout = this.#clock.after(REQUEST_TIMEOUT_MS, () =>
        this.fail(new ConnectionLostError(`${method} was not answered within ${REQUEST_TIMEOUT_MS / 1000} s`)),
      );
      const settle = (payload: unknown) => {
        const reply = parseReply(method, payload);
        onReply(reply);
        resolve(reply);
      };
      this.#pending.set(id, { method, settle, reject, cancelTimeout });
      this.#socket.send(JSON.stringify({ type: 1, id, method, payload }));
    });
  }

  /** Gives the connection up because of a problem. */
  fail(problem: Error): void {
    this.#problem ??= problem;
    this.close();
  }

  /** Closes it. `closed` is told at once: the peer may be long gone. */
  close(): void {
    if (this.#closed) return;
    this.#socket.close(1000);
    this.#end(1000, 'closed by the client');
  }

  #receive(data: unknown): void {
    if (this.#closed) return;
    const receivedAt = this.#clock.now();
    this.#watchSilence();
    const read = readFrame(typeof data === 'string' ? data : '');
    if (read.kind === 'response') this.#settle(read.frame.id, read.frame.payload);
    else if (read.kind === 'request')
      this.#receivePush(read.frame.id, read.frame.method, read.frame.payload, receivedAt);
    else this.fail(new UnexpectedFrameError('the gateway sent a frame that is none'));
  }

  #receivePush(id: number, method: string, payload: unknown, receivedAt: number): void {
    // A push of a later version is acknowledged, or the gateway would wait for it for ever.
    if (isGatewayPush(method)) {
      const parsed = gatewayPushes[method].payload.safeParse(payload);
      if (!parsed.success) {
        this.fail(new UnexpectedFrameError(`the push ${method} does not fit: ${describeIssues(parsed.error)}`));
        return;
      }
      this.#events.push({ method, payload: parsed.data } as Push, receivedAt);
    }
    if (!this.#closed) this.#socket.send(JSON.stringify({ type: 2, id }));
  }

  #settle(id: number, payload: Record<string, unknown> | undefined): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.cancelTimeout();
    const failure = failurePayload.safeParse(payload);
    if (failure.success) {
      pending.reject(new GatewayRefusedError(pending.method, failure.data.errorCode, failure.data.errorDescription));
      return;
    }
    try {
      pending.settle(payload);
    } catch (error) {
      pending.reject(error as Error);
    }
  }

  #watchSilence(): void {
    this.#cancelSilenceWatch();
    this.#cancelSilenceWatch = this.#clock.after(SILENCE_LIMIT_MS, () =>
      this.fail(new ConnectionLostError(`nothing was heard for ${SILENCE_LIMIT_MS / 1000} s`)),
    );
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelSilenceWatch();
    for (const pending of this.#pending.values()) {
      pending.cancelTimeout();
      pending.reject(new ConnectionLostError(`the connection ended (${code}) before ${pending.method} was answered`));
    }
    this.#pending.clear();
    this.#events.closed(code, reason, this.#problem);
  }
}

/** @throws UnexpectedFrameError when the reply does not fit */
function parseReply<M extends ClientMethod>(method: M, payload: unknown): MethodReply<M> {
  const parsed = clientMethods[method].reply.safeParse(payload);
  if (parsed.success) return parsed.data as MethodReply<M>;
  throw new UnexpectedFrameError(`the reply to ${method} does not fit: ${describeIssues(parsed.error)}`);
}
