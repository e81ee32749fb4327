import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseOptions } from '../database/database.ts';
import { ListenSession } from './listen-session.ts';
import { parseWorkerMessage, WORKER_CHANNEL, type WorkerMessage } from './worker-message.ts';

/** The channel on which the change log tells its newest position. */
const CHANGE_CHANNEL = 'calendar_change';

const HEARTBEAT_MS = 10_000;
/** A pause between two proofs is so much shorter or longer by chance: each proof reaches every listener. */
const HEARTBEAT_SPREAD = 0.1;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

interface ListenerOptions {
  /** Where to listen; must lead to Postgres itself or to a pooler that keeps sessions. */
  readonly database: DatabaseOptions;
  /** How often the registration is proven, and how long a proof may take at most; 10 s unless told. */
  readonly heartbeatMs?: number;
  /** Told of every lost connection and failed attempt; the listener goes on by itself. */
  readonly onError?: (error: Error) => void;
}

type ListenerState = 'connecting' | 'listening' | 'closed';

/**
 * Hears what the calendar database tells: never gives up, proves again and again that notifications really arrive, and
 * says when it was deaf so that its user reads again. A notification is a hint; the tables are the truth.
 */
export class CalendarListener {
  readonly #options: ListenerOptions;
  readonly #changeHandlers: ((head: number) => void)[] = [];
  readonly #workerHandlers: ((message: WorkerMessage) => void)[] = [];
  readonly #connectedHandlers: ((nothing: undefined) => void)[] = [];
  readonly #closing = new AbortController();
  #state: ListenerState = 'connecting';
  #provenAt: Date | null = null;
  #running: Promise<void> | null = null;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  get state(): ListenerState {
    return this.#state;
  }

  /** When it was last proven that notifications arrive; null before the first time. */
  get provenAt(): Date | null {
    return this.#provenAt;
  }

  /** Calls back with the newest position whenever changes were committed. */
  onChange(handler: (head: number) => void): void {
    this.#changeHandlers.push(handler);
  }

  /** Calls back with every message to the workers. */
  onWorker(handler: (message: WorkerMessage) => void): void {
    this.#workerHandlers.push(handler);
  }

  /** Calls back after the first and every further time that listening began: what came before was not heard. */
  onConnected(handler: () => void): void {
    this.#connectedHandlers.push(handler);
  }

  /** Begins to try. Does not wait for the database and does not fail when it is down. */
  async start(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#running ??= this.#run();
  }

  /** Stops listening, in whatever phase it is; resolves when the connection is gone. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#closing.signal.aborted) {
      const session = new ListenSession(this.#options.database, [CHANGE_CHANNEL, WORKER_CHANNEL], (channel, payload) =>
        this.#dispatch(channel, payload),
      );
      try {
        await this.#listen(session, () => {
          retryMs = FIRST_RETRY_MS;
        });
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#state = 'connecting';
        this.#report(error);
      } finally {
        session.destroy();
      }
      await sleep(retryMs * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal }).catch(
        () => undefined,
      );
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }
  }

  /** One connection from its opening to its loss, which it throws; returns only when closing. */
  async #listen(session: ListenSession, onProven: () => void): Promise<void> {
    const { signal } = this.#closing;
    const heartbeatMs = this.#options.heartbeatMs ?? HEARTBEAT_MS;
    await session.open(heartbeatMs, signal);
    for (let first = true; !signal.aborted; first = false) {
      await session.prove(heartbeatMs, signal);
      if (signal.aborted) return;
      this.#provenAt = new Date();
      onProven();
      if (first) {
        this.#state = 'listening';
        this.#tell(this.#connectedHandlers, undefined);
      }
      await session.lostWithin(heartbeatMs * (1 - HEARTBEAT_SPREAD + Math.random() * 2 * HEARTBEAT_SPREAD), signal);
    }
  }

  #dispatch(channel: string, payload: unknown): void {
    if (channel === CHANGE_CHANNEL && typeof payload === 'number') {
      this.#tell(this.#changeHandlers, payload);
    } else if (channel === WORKER_CHANNEL) {
      const message = parseWorkerMessage(payload);
      if (message) this.#tell(this.#workerHandlers, message);
    }
  }

  /** A handler's failure is its own: neither the connection nor the other handlers suffer. */
  #tell<Told>(handlers: readonly ((told: Told) => void)[], told: Told): void {
    for (const handler of handlers) {
      try {
        handler(told);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #report(error: unknown): void {
    this.#options.onError?.(error instanceof Error ? error : new Error(String(error)));
  }
}
