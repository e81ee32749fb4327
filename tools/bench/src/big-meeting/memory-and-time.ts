import { readdir, readFile } from 'node:fs/promises';
import type { WorkerName, WorkerProcess } from 'stack-driver';
import { postgresCost } from '../scale/workers/postgres-cost.ts';
import type { WorkerStack } from '../scale/workers/worker-stack.ts';
import { processCost } from '../sync/process-cost.ts';

type Part = WorkerName | 'postgres';

/** What the parts of the connector have cost so far. */
export interface Cost {
  /** Processor time of each worker, and of all processes of Postgres. */
  readonly cpuMs: Readonly<Record<Part, number>>;
  /** Peak memory of each worker, and of the backend of Postgres that had most. */
  readonly peakMib: Readonly<Record<Part, number>>;
}

/** Reads the cost of one worker of each kind and of Postgres. @throws the file system's error where there is no Linux `/proc` */
export async function readCost(
  { database, postmaster }: WorkerStack,
  workers: Readonly<Record<WorkerName, WorkerProcess>>,
): Promise<Cost> {
  const names = Object.keys(workers) as WorkerName[];
  const costs = await Promise.all(names.map((name) => processCost(workers[name].pid)));
  const postgres = await postgresCost(database, postmaster);
  const byPart = (value: (place: number) => number, ofPostgres: number) =>
    Object.fromEntries([...names.map((name, place) => [name, value(place)]), ['postgres', ofPostgres]]) as Record<
      Part,
      number
    >;
  return {
    cpuMs: byPart((place) => costs[place]!.cpuMs, postgres.cpuMs),
    peakMib: byPart((place) => costs[place]!.peakMemoryBytes / 2 ** 20, await largestBackendMib(postmaster)),
  };
}

/** CPU milliseconds between two readings. */
export function spentBetween(before: Cost, after: Cost): Record<Part, number> {
  return Object.fromEntries(
    Object.entries(after.cpuMs).map(([part, cpuMs]) => [part, cpuMs - before.cpuMs[part as Part]]),
  ) as Record<Part, number>;
}

/** Shared buffers that a backend has touched count as its own. */
async function largestBackendMib(postmaster: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  const peaks = await Promise.all(
    pids.map(async (pid) => {
      // The process may have ended since it was listed.
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (Number(/^PPid:\s+(\d+)$/mu.exec(status)?.[1]) !== postmaster) return 0;
      return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1] ?? 0);
    }),
  );
  return Math.max(0, ...peaks) / 1024;
}
