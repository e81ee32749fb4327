import { createLogger, type Logger, type LogLevel } from '../log.ts';

/** One entry of a worker's JSON log. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** The log of a worker under test, in order, with waiting for entries that are to come. */
export class CapturedLog {
  readonly entries: LogEntry[] = [];
  readonly #waiting = new Set<() => void>();

  /** A log that is written here. */
  logger(level: LogLevel = 'debug'): Logger {
    return createLogger({ level, format: 'json', write: (line) => this.take(line) });
  }

  /** Takes one line; what is no log entry is kept as the message of one with the event `stdout`. */
  take(line: string): void {
    this.entries.push(parseEntry(line));
    for (const look of [...this.#waiting]) look();
  }

  events(): string[] {
    return this.entries.map((entry) => entry.event);
  }

  /**
   * Waits for an entry, also one that was written before.
   * @throws after `timeoutMs`, with what was written instead
   */
  waitFor(event: string | ((entry: LogEntry) => boolean), timeoutMs = 15_000): Promise<LogEntry> {
    const matches = typeof event === 'string' ? (entry: LogEntry) => entry.event === event : event;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const log = this.entries.map((entry) => JSON.stringify(entry)).join('\n');
        reject(new Error(`no such log entry (${event}) within ${timeoutMs} ms; the log:\n${log}`));
      }, timeoutMs);
      const look = () => {
        const found = this.entries.find(matches);
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

function parseEntry(line: string): LogEntry {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'event' in entry) return entry as LogEntry;
  } catch {
    // Printed by somebody who does not log.
  }
  return { level: 'info', event: 'stdout', message: line };
}
