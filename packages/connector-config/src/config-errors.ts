import { SecretError } from 'secrets';

/** A place in a config file. */
export type ConfigLocation = {
  /** The file as it was named. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** JSON path such as `calendarProviders[0].users`; '' for the file as a whole. */
  readonly path: string;
};

/** One mistake or one doubt about a config. */
export type ConfigProblem = ConfigLocation & {
  /** Stable, e.g. `plain-text-password`, `duplicate-user`, `unknown-key`. */
  readonly code: string;
  /** One line: file:line, path, what was found, what is wanted. Never a secret. */
  readonly message: string;
};

/** A config that cannot be used. */
export abstract class ConfigError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The file is missing or cannot be read. */
export class ConfigFileError extends ConfigError {
  readonly code: 'config-missing' | 'config-unreadable';
  constructor(code: 'config-missing' | 'config-unreadable', message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Lines in the message of one refusal; a list that is wrong throughout would flood the log. */
const MAX_LINES = 100;

/** The file has mistakes; all that were found, in the order of the file. The message is the first hundred lines. */
export class ConfigInvalidError extends ConfigError {
  readonly code = 'config-invalid';
  readonly problems: readonly ConfigProblem[];
  /** Unknown keys: no mistakes by themselves, but often the reason why another key is missing. */
  readonly unknownKeys: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[], unknownKeys: readonly ConfigProblem[] = []) {
    const lines = [...problems, ...unknownKeys].map((problem) => problem.message);
    const more = lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} more`] : [];
    super([...lines.slice(0, MAX_LINES), ...more].join('\n'));
    this.problems = problems;
    this.unknownKeys = unknownKeys;
  }
}

/** An encrypted value of the config cannot be decrypted. `code` is that of the `secrets` error that is the cause. */
export class SecretUnreadableError extends ConfigError {
  readonly code: string;
  readonly location: ConfigLocation | undefined;
  constructor(location: ConfigLocation | undefined, cause: unknown) {
    const where = location ? `${location.file}:${location.line}: ${location.path}: ` : '';
    super(`${where}${cause instanceof Error ? cause.message : 'the value cannot be decrypted'}`, { cause });
    this.code = cause instanceof SecretError ? cause.code : 'secret-unreadable';
    this.location = location;
  }
}
