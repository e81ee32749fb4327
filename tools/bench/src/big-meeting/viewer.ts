import { SUBPROTOCOL } from 'gateway-protocol';
import type { ConnectTask, Sight } from './viewer-messages.ts';

const AUTH = 1;

/** What a viewer keeps of an event: thousands of viewers in one process cannot keep all of it. */
interface KeptEvent {
  readonly title: string;
  readonly cancelled: boolean;
  readonly state: string | undefined;
}

interface ReceivedEvent {
  readonly eventId: string;
  readonly title?: string;
  readonly cancelled?: boolean;
  readonly conference?: { readonly state: string } | null;
}

interface Frame {
  readonly type: 1 | 2;
  readonly id: number;
  readonly method?: string;
  readonly payload: {
    readonly errorCode?: number;
    readonly errorDescription?: string;
    readonly events?: readonly ReceivedEvent[];
    readonly upserted?: readonly ReceivedEvent[];
    readonly removed?: readonly string[];
    readonly position?: string;
  };
}

/** A client that speaks the protocol and keeps of each event only what the bench asks for. It never reconnects. */
export class Viewer {
  readonly #socket: WebSocket;
  readonly #range: ConnectTask['range'];
  readonly #events = new Map<string, KeptEvent>();
  #lastId = AUTH;
  isClosed = false;
  resyncs = 0;
  frames = 0;
  bytes = 0;

  private constructor(socket: WebSocket, range: ConnectTask['range']) {
    this.#socket = socket;
    this.#range = range;
  }

  /** Resolves when the whole snapshot is there. @throws Error when the gateway refuses or closes */
  static connect(gatewayUrl: string, token: string, range: ConnectTask['range']): Promise<Viewer> {
    return new Promise((resolve, reject) => {
      const viewer = new Viewer(new WebSocket(gatewayUrl, [SUBPROTOCOL]), range);
      const socket = viewer.#socket;
      socket.addEventListener('open', () =>
        viewer.#send({ type: 1, id: AUTH, method: 'auth', payload: { token, tokenType: 'JWT' } }),
      );
      socket.addEventListener('message', ({ data }) => {
        try {
          if (viewer.#receive(String(data))) resolve(viewer);
        } catch (error) {
          reject(error as Error);
        }
      });
      socket.addEventListener('close', ({ code }) => {
        viewer.isClosed = true;
        reject(new Error(`the gateway closed a connection: ${code}`));
      });
      socket.addEventListener('error', () => reject(new Error('a connection to the gateway failed')));
    });
  }

  sees(sight: Sight): boolean {
    const open = [...this.#events.values()].filter(({ title, cancelled }) => title.includes(sight.title) && !cancelled);
    if (sight.kind === 'withdrawn') return open.length === 0;
    const exact = open.filter(({ title }) => title === sight.title);
    if (sight.kind === 'running') return exact.some(({ state }) => state === 'running');
    return exact.length >= sight.occurrences;
  }

  /** @returns whether all is there that was to be told up to now */
  #receive(text: string): boolean {
    this.frames++;
    this.bytes += text.length;
    const { type, id, method, payload } = JSON.parse(text) as Frame;
    if (type === 1) {
      if (method === 'resyncEvents') this.#subscribe();
      else this.#take(payload);
      this.#send({ type: 2, id });
      return payload.position !== undefined;
    }
    if (payload.errorCode !== undefined) throw new Error(`the gateway refused a request: ${payload.errorDescription}`);
    if (id === AUTH) {
      this.#subscribe();
      return false;
    }
    this.#events.clear();
    this.#take(payload);
    return payload.position !== undefined;
  }

  #subscribe(): void {
    if (this.#lastId > AUTH) this.resyncs++;
    this.#lastId++;
    this.#send({ type: 1, id: this.#lastId, method: 'subscribeEvents', payload: this.#range });
  }

  #take({ events = [], upserted = [], removed = [] }: Frame['payload']): void {
    for (const { eventId, title = '', cancelled = false, conference } of [...events, ...upserted]) {
      this.#events.set(eventId, { title, cancelled, state: conference?.state });
    }
    for (const eventId of removed) this.#events.delete(eventId);
  }

  #send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }
}
