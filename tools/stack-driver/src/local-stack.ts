import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ENTRY = new URL('../../local-stack/src/run.ts', import.meta.url).pathname;
const PATIENCE_MS = 90_000;

/** What the stack's ready line names. */
export interface StackAddresses {
  readonly ews: string;
  readonly exchangeControl: string;
  readonly trueconf: string;
  readonly trueconfControl: string;
  readonly database: string;
  readonly config: string;
  readonly logs: string;
}

/** The local stack ended before it was ready, or never became it. */
class StackFailedError extends Error {
  readonly code = 'stack-driver-stack-failed';

  constructor(what: string, said: string) {
    super(`the local stack ${what}${said === '' ? '' : `; it said: ${said.trim()}`}`);
    this.name = new.target.name;
  }
}

/**
 * Database and both simulators as `pnpm start --json --without-workers` brings them up, in a process group of their own
 * and with data in a temporary folder. The stack's standard input is a pipe of ours: it ends when we die.
 */
export class LocalStack {
  readonly addresses: StackAddresses;
  readonly folder: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, addresses: StackAddresses, folder: string) {
    this.#process = process;
    this.addresses = addresses;
    this.folder = folder;
  }

  /** @param measurable whether Postgres counts statements and lets its role fill tables without triggers @throws StackFailedError */
  static async start({ measurable = false } = {}): Promise<LocalStack> {
    const folder = await mkdtemp(join(tmpdir(), 'calendar-stack-'));
    // Root's Postgres runs as another user, who must be able to pass.
    await chmod(folder, 0o755);
    const options = ['--json', '--without-workers', '--data', folder, '--poll-seconds', '0.2'];
    if (measurable) options.push('--measurable');
    const child = spawn(process.execPath, ['--conditions=source', ENTRY, ...options], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said += String(text);
    });
    try {
      const line = await readyLine(child, () => said);
      return new LocalStack(child, JSON.parse(line) as StackAddresses, folder);
    } catch (error) {
      child.kill('SIGTERM');
      throw error;
    }
  }

  /** Stops simulators and database and forgets their data; the logs too, unless they are to be `kept`. */
  async stop({ keepLogs }: { readonly keepLogs: boolean }): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await gone;
    if (!keepLogs) await rm(this.folder, { recursive: true, force: true });
  }
}

function readyLine(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new StackFailedError('was not ready in time', said())), PATIENCE_MS);
    const settle = (done: () => void) => {
      clearTimeout(late);
      done();
    };
    createInterface({ input: child.stdout! }).on('line', (line) => settle(() => resolve(line)));
    child.once('exit', (code) => settle(() => reject(new StackFailedError(`ended with ${code}`, said()))));
  });
}
