import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A line of a worker's log. */
export interface LogLine {
  /** The log file's name without its ending, such as `sync-worker-0`. */
  readonly worker: string;
  readonly level: string;
  readonly event: string;
  readonly message: string;
}

/** What a trouble may be told by. */
export interface ToldBy {
  readonly event: string;
  /** Most lines of it by each worker; 1 unless said otherwise. */
  readonly most?: number;
  /** Whether it may stay untold; it may not unless said so. */
  readonly optional?: boolean;
}

const SERIOUS = new Set(['warn', 'error', 'fatal']);

/** The logs of all workers, as an operator reads them. */
export class WorkerLogs {
  readonly #folder: string;
  readonly #read = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Lines written since the last call. A line that is still being written comes with the next. */
  async news(): Promise<LogLine[]> {
    const files = (await readdir(this.#folder)).filter((name) => name.startsWith('sync-worker-'));
    const lines: LogLine[] = [];
    for (const file of files.sort()) {
      const text = await readFile(join(this.#folder, file), 'utf8');
      const from = this.#read.get(file) ?? 0;
      const to = text.lastIndexOf('\n') + 1;
      this.#read.set(file, to);
      for (const line of text.slice(from, to).split('\n').filter(Boolean)) lines.push(parse(file, line));
    }
    return lines;
  }
}

/**
 * What is wrong with how a trouble was told, one line each: nothing serious that was not expected, nothing told more often
 * than expected, nothing expected left untold, and no more lines about single mailboxes than a person would read.
 *
 * @param mostMailboxLines of `sync.failed` by each worker, at any level
 */
export function wrongInLog(
  lines: readonly LogLine[],
  expected: readonly ToldBy[],
  { mostMailboxLines = 4 }: { readonly mostMailboxLines?: number } = {},
): string[] {
  const wrong: string[] = [];
  const allowed = new Map(expected.map((one) => [one.event, one.most ?? 1]));
  const byWorker = Map.groupBy(lines, ({ worker }) => worker);
  for (const [worker, own] of byWorker) {
    for (const [event, same] of Map.groupBy(own, (line) => line.event)) {
      const serious = same.filter(({ level }) => SERIOUS.has(level));
      const most = allowed.get(event) ?? 0;
      if (serious.length > most) {
        wrong.push(`${worker} says ${event} ${serious.length} times instead of ${most}: ${serious.at(-1)!.message}`);
      }
    }
    const mailboxLines = own.filter(({ event }) => event === 'sync.failed');
    if (mailboxLines.length > mostMailboxLines) {
      wrong.push(`${worker} names single mailboxes ${mailboxLines.length} times: ${mailboxLines.at(-1)!.message}`);
    }
  }
  for (const { event, optional } of expected) {
    if (optional !== true && !lines.some((line) => line.event === event)) wrong.push(`no worker says ${event}`);
  }
  return wrong;
}

function parse(file: string, line: string): LogLine {
  const worker = file.replace(/\.log$/u, '');
  try {
    const { level, event, message } = JSON.parse(line) as Record<string, string>;
    return { worker, level: level ?? 'error', event: event ?? 'unknown', message: message ?? line };
  } catch {
    // Whatever Node itself printed, such as a crash.
    return { worker, level: 'fatal', event: 'not-a-log-line', message: line };
  }
}
