import PQueue from 'p-queue';
import { WorkerShare } from './worker-share.ts';

/**
 * How many requests one host answers at the same time for all accounts of all providers on it, and for all live workers
 * together (`limits.hostConnections`).
 */
export class HostBudget {
  readonly #queue = new PQueue();
  readonly #share: WorkerShare;

  constructor(growAfterMs?: number) {
    this.#share = new WorkerShare(growAfterMs);
  }

  /** Calls that wait for another one to end. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** @param connections of all workers together */
  share(connections: number, workers: number): void {
    this.#queue.concurrency = Math.max(1, Math.floor(connections / this.#share.among(workers)));
  }

  /** Runs `work` when the host has room. @throws the signal's reason when aborted meanwhile */
  async run<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    return this.#queue.add(async () => {
      signal.throwIfAborted();
      return work();
    });
  }
}
