import { setTimeout as pause } from 'node:timers/promises';
import type { WorkerProcess } from 'stack-driver';
import type { ExchangeWorld } from './exchange-world.ts';

/** A lease lasts 12 s: who is halted for longer wakes up as somebody whose mailboxes have other owners. */
const LONG_PAUSE_MS = 15_000;
const SHORT_PAUSE_MS = 2_000;
const BETWEEN_MS = 1_500;

/** What was done to the workers. */
export interface Havoc {
  killed: number;
  paused: number;
  added: number;
}

/**
 * Kills sync-workers (`kill -9`), halts them for short and for longer than a lease lasts, and adds more, until told to
 * stop; then all of them run again.
 *
 * @param mostWorkers how many there may be in the end
 */
export async function wreakHavoc(world: ExchangeWorld, mostWorkers: number, signal: AbortSignal): Promise<Havoc> {
  const havoc: Havoc = { killed: 0, paused: 0, added: 0 };
  const { random, workers } = world;
  const halted = new Map<WorkerProcess, Promise<void>>();
  while (!signal.aborted) {
    const awake = workers.filter((worker) => !halted.has(worker));
    const what = random.pick(['kill', 'pause', 'pause', 'add', 'kill'] as const);
    if (what === 'add' && workers.length < mostWorkers) {
      world.addWorker();
      havoc.added++;
    } else if (awake.length > 1) {
      const victim = random.pick(awake);
      if (what === 'kill') {
        await victim.kill();
        victim.restart();
        havoc.killed++;
      } else {
        const ms = random.fraction() < 0.4 ? LONG_PAUSE_MS : SHORT_PAUSE_MS;
        halted.set(
          victim,
          halt(victim, ms, signal).finally(() => halted.delete(victim)),
        );
        havoc.paused++;
      }
    }
    await pause(BETWEEN_MS, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(halted.values());
  await Promise.all(workers.map((worker) => worker.ready()));
  return havoc;
}

async function halt(worker: WorkerProcess, ms: number, signal: AbortSignal): Promise<void> {
  worker.freeze();
  await pause(ms, undefined, { signal }).catch(() => undefined);
  worker.thaw();
}
