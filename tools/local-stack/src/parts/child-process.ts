import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  readonly name: string;
  /** Source file that Node runs. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** All that it prints is appended here. */
  readonly logFile: string;
}

/** A worker as a child process of its own group, with its log in a file. */
export class Child {
  readonly name: string;
  readonly logFile: string;
  readonly #process: ChildProcess;
  readonly #log: WriteStream;
  readonly #lines: string[] = [];
  /** Its exit code or signal, once all that it printed is in `lines`. */
  readonly exited: Promise<number | string>;
  #stopping = false;

  constructor({ name, entry, args, env, logFile }: ChildOptions) {
    this.name = name;
    this.logFile = logFile;
    this.#log = createWriteStream(logFile, { flags: 'a' });
    this.#process = spawn(process.execPath, ['--conditions=source', entry, ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output === null) continue;
      createInterface({ input: output }).on('line', (line) => this.#take(line));
    }
    this.exited = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message));
      this.#process.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  /** Whether `stop` or `kill` was called: an exit is no surprise then. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** The last lines that it printed, at most fifty. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Asks it to drain and waits; after `patienceMs` it is killed. @returns its exit code or signal */
  async stop(patienceMs = 12_000): Promise<number | string> {
    this.#stopping = true;
    if (this.running) this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs);
    const code = await this.exited;
    clearTimeout(timer);
    this.#log.end();
    return code;
  }

  /** Ends it at once, as a crash would. */
  kill(): void {
    this.#stopping = true;
    this.#process.kill('SIGKILL');
  }

  #take(line: string): void {
    this.#log.write(`${line}\n`);
    this.#lines.push(line);
    if (this.#lines.length > 50) this.#lines.shift();
  }
}
