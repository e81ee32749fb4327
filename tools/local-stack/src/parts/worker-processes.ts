import { join } from 'node:path';
import { causeInLog } from './cause-in-log.ts';
import { Child } from './child-process.ts';
import type { Reporter } from './reporter.ts';

export type WorkerName = 'sync-worker' | 'ws-gateway' | 'launcher';

export const WORKERS: readonly WorkerName[] = ['sync-worker', 'ws-gateway', 'launcher'];

/** Starts one worker alone, as its systemd unit would. */
export function startWorker(name: WorkerName, configFile: string, logFolder: string, instance = 0): Child {
  const entry = new URL(`../../../../packages/${name}/src/main.ts`, import.meta.url).pathname;
  const args = ['--config', configFile, '--instance', String(instance)];
  return new Child({ name, entry, args, logFile: join(logFolder, `${name}-${instance}.log`) });
}

/** A worker did not become ready, or ended. */
class WorkerFailedError extends Error {
  readonly code = 'local-stack-worker-failed';

  constructor({ name, logFile }: Child, what: string, cause: string) {
    super(`${name} ${what}: ${cause}. Its log is ${logFile}`);
    this.name = new.target.name;
  }
}

/** What a worker's `/readyz` says. */
export interface Readiness {
  readonly state: string;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly state: string; readonly detail: string }>>;
}

export async function readiness(opsUrl: string): Promise<Readiness | null> {
  try {
    const response = await fetch(`${opsUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return (await response.json()) as Readiness;
  } catch {
    return null;
  }
}

/** Waits until a worker says that it is ready. @throws WorkerFailedError when it ends or the time is over */
export async function untilReady(child: Child, opsUrl: string, patienceMs = 30_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let last: Readiness | null = null;
  while (performance.now() < deadline) {
    if (!child.running) {
      const code = await child.exited;
      throw new WorkerFailedError(child, `ended with ${code}`, causeInLog(child.lines));
    }
    last = await readiness(opsUrl);
    if (last?.ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const unready = Object.entries(last?.checks ?? {}).filter(([, check]) => check.state === 'unready');
  const why = unready.map(([name, { detail }]) => `${name}: ${detail}`).join(', ') || `nothing answers at ${opsUrl}`;
  throw new WorkerFailedError(child, `was not ready within ${patienceMs / 1000} s`, why);
}

/** Reports a worker that ends although nothing asked it to. */
export function reportEnd(child: Child, reporter: Reporter): void {
  void child.exited.then((code) => {
    if (child.stopping) return;
    reporter.problem(new WorkerFailedError(child, `ended with ${code}`, causeInLog(child.lines)).message);
  });
}
