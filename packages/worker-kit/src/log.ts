import { pino } from 'pino';
import pretty from 'pino-pretty';
import { describeError, redact } from './redaction.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The log of a worker. `event` is a stable code such as `sync.mailbox-denied` for machines, `message` a sentence for
 * people, `fields` the facts; put what was thrown under `error`. Keys that name secrets, subjects or bodies are hidden
 * at any depth, but a message is written as it is: never put such a thing into one.
 */
export interface Logger {
  trace(event: string, message: string, fields?: LogFields): void;
  debug(event: string, message: string, fields?: LogFields): void;
  info(event: string, message: string, fields?: LogFields): void;
  warn(event: string, message: string, fields?: LogFields): void;
  error(event: string, message: string, fields?: LogFields): void;
  fatal(event: string, message: string, fields?: LogFields): void;
  log(level: LogLevel, event: string, message: string, fields?: LogFields): void;
  /** The same log with these fields in every entry. */
  child(fields: LogFields): Logger;
  /** Changes the least serious level that is written, also for all children. */
  setLevel(level: LogLevel): void;
  isLevelEnabled(level: LogLevel): boolean;
}

export interface LogOptions {
  readonly level?: LogLevel;
  /** `auto`: pretty on a terminal, JSON elsewhere. */
  readonly format?: 'auto' | 'json' | 'pretty';
  /** In every entry, e.g. the worker's kind. */
  readonly fields?: LogFields;
  /** Where lines go; standard output unless told. */
  readonly write?: (line: string) => void;
  /** Standard output was closed by its reader (EPIPE); nothing is written from here on. */
  readonly onBroken?: () => void;
}

/** Opens a log. Lines are written at once, so that a crash loses none. */
export function createLogger(options: LogOptions = {}): Logger {
  const { level = 'info', format = 'auto', fields = {}, write, onBroken } = options;
  const isPretty = format === 'pretty' || (format === 'auto' && write === undefined && process.stdout.isTTY === true);
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
    },
    write ? { write } : standardOutput(isPretty, onBroken),
  );
  return new PinoLogger(root, fields);
}

function standardOutput(isPretty: boolean, onBroken: (() => void) | undefined): pino.DestinationStream {
  const out = pino.destination({ fd: 1, sync: true });
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') onBroken?.();
  });
  if (!isPretty) return out;
  return pretty({ destination: out, sync: true, colorize: process.stdout.isTTY === true, messageKey: 'message' });
}

class PinoLogger implements Logger {
  /** Shared with all children, so that a new level holds for all of them. */
  readonly #pino: pino.Logger;
  readonly #fields: LogFields;

  constructor(root: pino.Logger, fields: LogFields) {
    this.#pino = root;
    this.#fields = fields;
  }

  trace(event: string, message: string, fields?: LogFields): void {
    this.log('trace', event, message, fields);
  }
  debug(event: string, message: string, fields?: LogFields): void {
    this.log('debug', event, message, fields);
  }
  info(event: string, message: string, fields?: LogFields): void {
    this.log('info', event, message, fields);
  }
  warn(event: string, message: string, fields?: LogFields): void {
    this.log('warn', event, message, fields);
  }
  error(event: string, message: string, fields?: LogFields): void {
    this.log('error', event, message, fields);
  }
  fatal(event: string, message: string, fields?: LogFields): void {
    this.log('fatal', event, message, fields);
  }

  log(level: LogLevel, event: string, message: string, fields: LogFields = {}): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    const withStacks = level === 'fatal' || this.#pino.isLevelEnabled('debug');
    const { error, ...rest } = fields;
    const facts = redact({ ...this.#fields, ...rest }, withStacks) as Record<string, unknown>;
    this.#pino[level](
      { event, ...facts, ...(error === undefined ? {} : { error: describeError(error, withStacks) }) },
      message,
    );
  }

  child(fields: LogFields): Logger {
    return new PinoLogger(this.#pino, { ...this.#fields, ...fields });
  }

  setLevel(level: LogLevel): void {
    this.#pino.level = level;
  }

  isLevelEnabled(level: LogLevel): boolean {
    return this.#pino.isLevelEnabled(level);
  }
}
