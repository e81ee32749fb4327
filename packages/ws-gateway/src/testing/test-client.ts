import {
  type ClientMethod,
  clientMethods,
  describeIssues,
  gatewayPushes,
  isGatewayPush,
  type MethodPayload,
  type MethodReply,
  type PushPayload,
  readFrame,
} from 'gateway-protocol';

export interface ReceivedPush {
  readonly id: number;
  readonly method: string;
  readonly payload: Record<string, unknown>;
}

/** One WebSocket to a gateway, moved by hand; everything that it receives is checked against the protocol's schemas. */
export class TestClient {
  readonly socket: WebSocket;
  readonly pushes: ReceivedPush[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** What did not fit the protocol. */
  readonly violations: string[] = [];
  acknowledges = true;
  readonly #pending = new Map<number, { method: string; resolve: (payload: Record<string, unknown>) => void }>();
  #nextId = 1;

  constructor(url: string, protocols: string[] = ['json.v1']) {
    this.socket = new WebSocket(url, protocols);
    this.opened = new Promise((resolve, reject) => {
      this.socket.addEventListener('open', () => resolve());
      this.socket.addEventListener('error', () => reject(new Error(`no connection to ${url}`)));
    });
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
    this.socket.addEventListener('message', ({ data }) => this.#receive(String(data)));
  }

  /** The answer's payload, error codes included. */
  async call(method: string, payload: object = {}): Promise<Record<string, unknown>> {
    await this.opened;
    const id = this.#nextId++;
    const answer = new Promise<Record<string, unknown>>((resolve) => {
      this.#pending.set(id, { method, resolve });
    });
    this.send({ type: 1, id, method, payload });
    return Promise.race([
      answer,
      this.closed.then(({ code, reason }) => {
        throw new Error(`closed with ${code} ${reason} before ${method} was answered`);
      }),
    ]);
  }

  /** The answer of a request that has to succeed. */
  async request<M extends ClientMethod>(method: M, payload: MethodPayload<M>): Promise<MethodReply<M>> {
    const reply = await this.call(method, payload);
    const parsed = clientMethods[method].reply.safeParse(reply);
    if (!parsed.success) throw new Error(`${method} was answered with ${JSON.stringify(reply)}`);
    return parsed.data as MethodReply<M>;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  acknowledge(id: number): void {
    this.send({ type: 2, id });
  }

  updates(): PushPayload<'updateEvents'>[] {
    return this.pushes
      .filter((push) => push.method === 'updateEvents')
      .map((push) => push.payload as PushPayload<'updateEvents'>);
  }

  /** Titles of everything that was pushed, in order. */
  pushedTitles(): (string | undefined)[] {
    return this.updates().flatMap((update) => update.upserted.map((event) => event.title));
  }

  removed(): string[] {
    return this.updates().flatMap((update) => update.removed);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #receive(text: string): void {
    const read = readFrame(text);
    if (read.kind === 'response') {
      this.#pending.get(read.frame.id)?.resolve(read.frame.payload ?? {});
      this.#pending.delete(read.frame.id);
    } else if (read.kind === 'request') {
      const { id, method, payload } = read.frame;
      const problem = isGatewayPush(method) ? gatewayPushes[method].payload.safeParse(payload).error : undefined;
      if (problem !== undefined) this.violations.push(describeIssues(problem, method));
      this.pushes.push({ id, method, payload });
      if (this.acknowledges) this.acknowledge(id);
    } else this.violations.push(text);
  }
}
