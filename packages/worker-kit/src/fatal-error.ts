/**
 * How a worker's process ends. Everything but `clean` and `crash` needs a person: starting it again changes nothing,
 * which is what the units' `RestartPreventExitStatus` says.
 */
export const EXIT_CODES = {
  /** Asked to stop, everything handed back. */
  clean: 0,
  /** A defect: an exception that nobody caught. Starting again is right. */
  crash: 1,
  /** The database's schema is newer than this build and breaks it: install the newer build. */
  schema: 57,
  /** The command line is wrong (EX_USAGE of sysexits.h). */
  usage: 64,
  /** One of the worker's services failed again and again (EX_SOFTWARE). */
  crashLoop: 70,
  /** The key file is missing, unreadable or not the one that made the config's values (EX_NOPERM). */
  key: 77,
  /** `config.json` is missing, unreadable or wrong (EX_CONFIG). */
  config: 78,
} as const;

export type ExitReason = keyof typeof EXIT_CODES;

/** Something that only a person can put right: the worker says so in `lines` and leaves. Loops never retry it. */
export class FatalError extends Error {
  /** Stable, for logs. */
  readonly code: string;
  readonly exitCode: number;
  /** What is said, one log entry each; usually one, for a config as many as it has mistakes. */
  readonly lines: readonly string[];

  constructor(reason: ExitReason, code: string, lines: string | readonly string[], options?: ErrorOptions) {
    const all = typeof lines === 'string' ? [lines] : lines;
    super(all.join('\n'), options);
    this.name = new.target.name;
    this.code = code;
    this.exitCode = EXIT_CODES[reason];
    this.lines = all;
  }
}
