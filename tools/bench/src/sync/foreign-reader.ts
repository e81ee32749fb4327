import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { processCost } from './process-cost.ts';
import { DONE, type MailboxRead, type ReaderResult, type ReaderTask } from './reader-task.ts';

/** Debian's own interpreter: python3-exchangelib belongs to it, and it need not be the first python3 of the PATH. */
const PYTHON = '/usr/bin/python3';
const EXCHANGELIB = new URL('../../exchangelib/read_calendars.py', import.meta.url).pathname;
const EWS_JAVASCRIPT_API = new URL('./ews-javascript-api-reader.ts', import.meta.url).pathname;

const COMMANDS = {
  exchangelib: [PYTHON, EXCHANGELIB],
  'ews-javascript-api': [process.execPath, '--conditions=source', EWS_JAVASCRIPT_API],
} as const;

export type ForeignReader = keyof typeof COMMANDS;
export const FOREIGN_READERS = Object.keys(COMMANDS) as ForeignReader[];

/** A foreign reader ended without a result. */
class ReaderFailedError extends Error {
  readonly code = 'bench-reader-failed';

  constructor(reader: ForeignReader, said: string) {
    super(
      `${reader} did not read the calendars (Debian: apt-get install python3-exchangelib); it said: ${said.slice(-1500)}`,
    );
    this.name = new.target.name;
  }
}

/**
 * Lets a client that is not ours read calendars in a process of its own, and stops it when its time is over: how fast it
 * is shows in what it has read by then.
 *
 * @param mostMs after which it is stopped
 * @throws ReaderFailedError when it ended before, or read nothing
 */
export async function readWith(reader: ForeignReader, task: ReaderTask, mostMs: number): Promise<ReaderResult> {
  const [command, ...args] = COMMANDS[reader];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += String(text);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(task)}\n`);
  const reads: MailboxRead[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const over = setTimeout(resolve, mostMs);
      const settle = (done: () => void) => {
        clearTimeout(over);
        done();
      };
      createInterface({ input: child.stdout }).on('line', (line) => {
        const told = JSON.parse(line) as MailboxRead | typeof DONE;
        if (told === DONE) settle(resolve);
        else reads.push(told);
      });
      child.once('error', (error) => settle(() => reject(new ReaderFailedError(reader, error.message))));
      child.once('close', () => settle(() => reject(new ReaderFailedError(reader, said))));
    });
    if (reads.length === 0) throw new ReaderFailedError(reader, said || `nothing within ${mostMs / 1000} s`);
    return { reads: [...reads], ...(await processCost(child.pid!)) };
  } finally {
    child.kill('SIGKILL');
    process.off('exit', endWithUs);
  }
}
