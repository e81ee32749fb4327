import type { ClientClock, WebSocketConstructor, WebSocketLike } from '../client/environment.ts';

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

/** The gateway's end of one socket, moved by hand. */
export class FakeSocket implements WebSocketLike {
  readyState = 0;
  readonly sent: { type: number; id: number; method?: string; payload?: Record<string, unknown> }[] = [];
  readonly #listeners: { type: string; listener: Listener }[] = [];
  #pushId = 0;

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push({ type, listener: listener as Listener });
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.#tell('open', {});
  }

  /** The gateway, or the network, ends the connection. */
  drop(code: number): void {
    this.readyState = 3;
    this.#tell('close', { code, reason: '' });
  }

  receive(text: string): void {
    this.#tell('message', { data: text });
  }

  push(method: string, payload: object): number {
    const id = ++this.#pushId;
    this.receive(JSON.stringify({ type: 1, id, method, payload }));
    return id;
  }

  /** Answers the last request of a method. */
  answer(method: string, payload: object): void {
    const request = this.sent.findLast((frame) => frame.method === method);
    if (request === undefined) throw new Error(`the client never sent ${method}`);
    this.receive(JSON.stringify({ type: 2, id: request.id, payload }));
  }

  requests(method: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.method === method).map((frame) => frame.payload ?? {});
  }

  acknowledged(): number[] {
    return this.sent.filter((frame) => frame.type === 2).map((frame) => frame.id);
  }

  #tell(type: string, event: Partial<{ data: unknown; code: number; reason: string }>): void {
    for (const entry of this.#listeners) {
      if (entry.type === type) entry.listener({ data: undefined, code: 0, reason: '', ...event });
    }
  }
}

/** Every socket that a client opened, newest last. */
export function fakeSockets(): { sockets: FakeSocket[]; WebSocket: WebSocketConstructor } {
  const sockets: FakeSocket[] = [];
  class Socket extends FakeSocket {
    constructor() {
      super();
      sockets.push(this);
    }
  }
  return { sockets, WebSocket: Socket };
}

/** A clock that stands still until it is moved. */
export class ManualClock implements ClientClock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<{ due: number; task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { due: this.#now + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      if (timer.due <= this.#now && this.#timers.delete(timer)) timer.task();
    }
  }
}
