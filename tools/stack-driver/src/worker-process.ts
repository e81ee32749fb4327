import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

export type WorkerName = 'sync-worker' | 'ws-gateway' | 'launcher';

export interface WorkerPlace {
  readonly name: WorkerName;
  readonly instance: number;
  readonly config: string;
  /** First ops port of the worker's kind. */
  readonly opsPort: number;
  readonly logs: string;
}

/** On a machine that is busy with many starts at a time. */
const READY_MS = 60_000;

/** One worker as a process of its own, started anew after each end; what it prints is appended to its log file. */
export class WorkerProcess {
  readonly place: WorkerPlace;
  #process: ChildProcess;
  #exited: Promise<void>;
  /** How often it was ended by force. */
  kills = 0;

  constructor(place: WorkerPlace) {
    this.place = place;
    [this.#process, this.#exited] = launch(place);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Waits until `/readyz` says so. @throws NotInTimeError */
  async ready(): Promise<void> {
    const { name, instance, logs } = this.place;
    const what = `${name} ${instance} is ready (logs: ${logs})`;
    await until(what, async () => ((await this.isReady()) ? true : undefined), { patienceMs: READY_MS });
  }

  /** What `/readyz` says now. @throws Error when it does not answer or the worker has ended */
  async isReady(): Promise<boolean> {
    const { instance, opsPort } = this.place;
    if (!this.running) throw new Error(`it ended with ${this.#process.exitCode ?? this.#process.signalCode}`);
    const response = await fetch(`http://127.0.0.1:${opsPort + instance}/readyz`);
    return ((await response.json()) as { ready: boolean }).ready;
  }

  /** What `/ops` tells of its parts, by their names. @throws Error when it does not answer */
  async facts(): Promise<Record<string, unknown>> {
    const { instance, opsPort } = this.place;
    const response = await fetch(`http://127.0.0.1:${opsPort + instance}/ops`);
    return (await response.json()) as Record<string, unknown>;
  }

  /** Halts it where it is. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Lets it read its config again. */
  reload(): void {
    this.#process.kill('SIGHUP');
  }

  /** kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    this.kills++;
    await this.#exited;
  }

  /** Starts it again after a kill. */
  restart(): void {
    [this.#process, this.#exited] = launch(this.place);
  }

  /** Lets it drain; one that does not come to an end within 15 s is killed. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.thaw();
    this.#process.kill('SIGTERM');
    const overdue = setTimeout(() => this.#process.kill('SIGKILL'), 15_000);
    await this.#exited;
    clearTimeout(overdue);
  }
}

/** Workers that are killed never write Node's compile cache, so it is filled once by processes that come to their end. */
export async function fillCompileCache(names: readonly WorkerName[], logs: string): Promise<void> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache(logs) };
  const run = (name: WorkerName) =>
    promisify(execFile)(process.execPath, ['--conditions=source', entryOf(name), '--help'], { env });
  await Promise.all(names.map(run));
}

function compileCache(logs: string): string {
  return join(logs, '..', 'compile-cache');
}

function entryOf(name: WorkerName): string {
  return new URL(`../../../packages/${name}/src/main.ts`, import.meta.url).pathname;
}

function launch({ name, instance, config, logs }: WorkerPlace): [ChildProcess, Promise<void>] {
  const log = openSync(join(logs, `${name}-${instance}.log`), 'a');
  const child = spawn(
    process.execPath,
    ['--conditions=source', entryOf(name), '--config', config, '--instance', String(instance)],
    { stdio: ['ignore', log, log], env: { ...process.env, NODE_COMPILE_CACHE: compileCache(logs) } },
  );
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    process.off('exit', endWithUs);
  });
  return [child, exited];
}
