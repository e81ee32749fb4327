import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CapturedLog } from './captured-log.ts';

export interface ChildWorkerOptions {
  /** Arguments after `main.ts`, such as `['--config', config.path]`. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A worker's own process with its log. */
export class ChildWorker {
  readonly log = new CapturedLog();
  /** Lines of standard error; a worker has none. */
  readonly stderr: string[] = [];
  readonly exited: Promise<ChildExit>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.log.take(line));
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => this.stderr.push(line));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process did not start');
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** Closes our end of its standard output, as a reader that goes away does. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  /** Sends SIGTERM and waits for the end. */
  async stop(): Promise<ChildExit> {
    this.kill();
    return this.exited;
  }

  /** Kills it if it still lives; for clean-up. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.exited.catch(() => undefined);
  }
}

/** Starts a worker's `main.ts` from its source in a process of its own. */
export function spawnWorker(main: URL | string, options: ChildWorkerOptions = {}): ChildWorker {
  const file = main instanceof URL ? fileURLToPath(main) : main;
  const { args = [], env = {} } = options;
  return new ChildWorker(
    spawn(process.execPath, ['--conditions=source', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    }),
  );
}
