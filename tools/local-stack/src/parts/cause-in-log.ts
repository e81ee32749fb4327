/** What the log of a process that ended or is stuck says about why. */
interface Entry {
  readonly level: string;
  readonly message: string;
}

/**
 * Why a process ended, in one line: what it logged as fatal, else the error that Node printed, else what it logged as
 * error, else its last line.
 *
 * @param lines the last lines that it printed: a worker's log as JSON or for people, or what Node prints about a crash
 */
export function causeInLog(lines: readonly string[]): string {
  const entries = lines.map(readEntry).filter((entry) => entry !== null);
  const fatal = entries.filter(({ level }) => level === 'fatal').map(({ message }) => message);
  if (fatal.length > 0) return fatal.join('; ');
  const thrown = lines.find((line) => /^(?:\w*Error|Uncaught)\b.*: /u.test(line));
  if (thrown !== undefined) return thrown;
  const error = entries.findLast(({ level }) => level === 'error');
  return error?.message ?? lines.findLast((line) => line.trim() !== '') ?? 'it printed nothing';
}

function readEntry(line: string): Entry | null {
  const [, level, message] = /^\[[^\]]*\] (ERROR|FATAL): (.*)$/u.exec(line) ?? [];
  if (level !== undefined && message !== undefined) return { level: level.toLowerCase(), message };
  try {
    const entry: unknown = JSON.parse(line);
    return isEntry(entry) ? { level: entry.level, message: withError(entry) } : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is Entry & { readonly error?: { readonly message?: string } } {
  return typeof value === 'object' && value !== null && 'level' in value && 'message' in value;
}

function withError({ message, error }: Entry & { readonly error?: { readonly message?: string } }): string {
  return error?.message === undefined ? message : `${message}: ${error.message}`;
}
