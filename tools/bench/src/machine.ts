import { cpus, loadavg, totalmem } from 'node:os';

/** Where figures were taken; other work on the machine shows in the load. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  /** One-minute load average when the bench began and when it ended. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** Notes the load now. @returns describes the machine once the bench has ended */
export function watchMachine(): () => Machine {
  const loadBefore = load();
  return () => ({
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore,
    loadAfter: load(),
  });
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
