import type { Queryable } from 'calendar-db/database';
import {
  forgetDeadWorkers,
  heartbeatWorker,
  listWorkers,
  type RegisteredWorker,
  registerWorker,
  removeWorker,
  WORKER_DEAD_AFTER_MS,
  type WorkerEntry,
} from 'calendar-db/workers';
import type { Logger } from './log.ts';
import { runLoop } from './loop.ts';
import type { RunningState } from './running-state.ts';
import type { Service } from './service.ts';

/** Dead workers stay visible to the operator for a day. */
const FORGET_AFTER_MS = 24 * 3_600_000;
const FORGET_EVERY_MS = 60_000;

export interface WorkerRegistryOptions {
  readonly database: Queryable;
  readonly entry: WorkerEntry;
  readonly running: RunningState;
  readonly log: Logger;
  /** Between heartbeats, milliseconds. */
  readonly heartbeatMs?: number;
  /** Silence after which a worker counts as dead, milliseconds. */
  readonly deadAfterMs?: number;
}

/** A live worker as its peers see it. */
export type LivePeer = Omit<RegisteredWorker, 'seenAt' | 'startedAt'>;

/**
 * This worker's entry in `calendar.worker`, kept alive by heartbeats, and the cached list of all that live. Losing the
 * database changes nothing in the cache; an entry that others dropped meanwhile is made again.
 */
export class WorkerRegistry implements Service {
  readonly id = 'worker registry';
  readonly #database: Queryable;
  readonly #running: RunningState;
  readonly #log: Logger;
  readonly #heartbeatMs: number;
  readonly #deadAfterMs: number;
  readonly #listeners = new Set<() => void>();
  #entry: WorkerEntry;
  #peers: readonly LivePeer[] = [];
  #changed = true;
  #refreshedAt: number | undefined;
  #forgotAt = 0;

  constructor(options: WorkerRegistryOptions) {
    this.#database = options.database;
    this.#entry = options.entry;
    this.#running = options.running;
    this.#log = options.log;
    this.#heartbeatMs = options.heartbeatMs ?? 2_000;
    this.#deadAfterMs = options.deadAfterMs ?? WORKER_DEAD_AFTER_MS;
  }

  get entry(): WorkerEntry {
    return this.#entry;
  }

  /** When the list was last read, unix milliseconds by this machine's clock; undefined before the first time. */
  get refreshedAt(): number | undefined {
    return this.#refreshedAt;
  }

  /** Live workers of one kind, or of all; this one included, those that are draining too (see `draining`). */
  livePeers(kind?: string): readonly LivePeer[] {
    return kind === undefined ? this.#peers : this.#peers.filter((peer) => peer.kind === kind);
  }

  /** Calls `listener` after workers came, went or changed their entry. @returns takes the listener off */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes what this worker tells about itself; written with the next heartbeat, which it brings forward. */
  update(part: Partial<Pick<WorkerEntry, 'configDigests' | 'keyId' | 'opsAddress' | 'lists' | 'draining'>>): void {
    this.#entry = { ...this.#entry, ...part };
    this.#changed = true;
    this.#running.wake();
  }

  /** Somebody said that the registry changed: it is read again soon. */
  wake(): void {
    this.#running.wake();
  }

  /** Keeps the entry alive and the list fresh until stopped. */
  async run(): Promise<void> {
    await runLoop(this.#running, this.#log, {
      name: 'worker registry',
      every: this.#heartbeatMs,
      once: () => this.refresh(),
      quiet: true,
    });
  }

  stop(): void {
    this.#running.stop();
  }

  /** Writes the entry or its heartbeat and reads the list. @throws the database's error */
  async refresh(): Promise<void> {
    if (this.#changed) {
      const written = this.#entry;
      await registerWorker(this.#database, written);
      this.#changed = written !== this.#entry;
    } else if (!(await heartbeatWorker(this.#database, this.#entry.workerId))) {
      await registerWorker(this.#database, this.#entry);
    }
    if (Date.now() - this.#forgotAt > FORGET_EVERY_MS) {
      this.#forgotAt = Date.now();
      await forgetDeadWorkers(this.#database, FORGET_AFTER_MS);
    }
    this.#take(await listWorkers(this.#database));
  }

  /** Takes the entry out, so that the others need not wait for its death. @throws the database's error */
  async remove(): Promise<void> {
    await removeWorker(this.#database, this.#entry.workerId);
  }

  #take(all: readonly RegisteredWorker[]): void {
    const before = fingerprint(this.#peers);
    this.#peers = all.filter((worker) => worker.silentMs < this.#deadAfterMs);
    this.#refreshedAt = Date.now();
    if (fingerprint(this.#peers) === before) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#log.error('registry.listener-failed', 'a listener of the worker registry failed', { error });
      }
    }
  }
}

/** What listeners want to hear about: everything but the heartbeat itself. */
function fingerprint(peers: readonly LivePeer[]): string {
  return JSON.stringify(
    peers.map((peer) => [peer.workerId, peer.opsAddress, peer.draining, peer.keyId, peer.configDigests]),
  );
}
