import { join } from 'node:path';
import { Child } from './child-process.ts';

export type WorkerName = 'sync-worker' | 'ws-gateway' | 'launcher';

export const WORKERS: readonly WorkerName[] = ['sync-worker', 'ws-gateway', 'launcher'];

/** Starts one worker alone, as its systemd unit would. */
export function startWorker(name: WorkerName, configFile: string, logFolder: string, instance = 0): Child {
  const entry = new URL(`../../../../packages/${name}/src/main.ts`, import.meta.url).pathname;
  const args = ['--config', configFile, '--instance', String(instance)];
  return new Child({ name, entry, args, logFile: join(logFolder, `${name}-${instance}.log`) });
}

/** A worker did not become ready, or ended. */
export class WorkerFailedError extends Error {
  readonly code = 'local-stack-worker-failed';

  constructor(name: string, what: string, lines: readonly string[]) {
    super(`${name} ${what}${lines.length > 0 ? `; it said last:\n    ${lines.join('\n    ')}` : ''}`);
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
    if (!child.running) throw new WorkerFailedError(child.name, `ended with ${await child.exited}`, child.lastLines());
    last = await readiness(opsUrl);
    if (last?.ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const unready = Object.entries(last?.checks ?? {}).filter(([, check]) => check.state === 'unready');
  const why = unready.map(([name, { detail }]) => `${name}: ${detail}`).join(', ') || 'it does not answer';
  throw new WorkerFailedError(child.name, `was not ready within ${patienceMs / 1000} s (${why})`, child.lastLines());
}
