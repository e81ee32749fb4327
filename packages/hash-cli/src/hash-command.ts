import { once } from 'node:events';
import { encryptPassword, SecretError } from 'secrets';
import { type Command, parseArguments, UsageError } from './arguments.ts';
import { obtainKey } from './connector-key.ts';
import {
  type Input,
  InterruptedError,
  PasswordInputError,
  promptPassword,
  readPasswordLines,
} from './read-passwords.ts';

/** What the process ends with; `--help` lists them. */
const EXIT = { ok: 0, password: 1, usage: 2, key: 3, interrupted: 130 } as const;

/** What the command talks to: those of the process, or a test's. */
export type CommandIo = {
  readonly stdin: Input;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
};

// The command wipes its own command line, but pnpm and the shell that started it keep theirs while it runs.
const ARGUMENTS_WARNING =
  'Warning: the shell’s history remembers passwords given as arguments, and the process list shows them while pnpm or the ' +
  'shell that started this still runs. Run --hash_pass without them to be asked, or pipe them in.';

/**
 * Runs `tc_calendar`: results go to stdout, one line per password in the order given, everything else to stderr. Nothing
 * is printed on stdout unless all passwords could be encrypted.
 * @returns the exit code
 */
export async function runHashCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const command = await parseArguments(args);
    if (command.kind === 'text') return await print(io.stdout, command.text);
    return await print(io.stdout, await encryptAll(command, io));
  } catch (error) {
    return report(error, io.stderr);
  }
}

async function encryptAll(command: Extract<Command, { kind: 'encrypt' }>, io: CommandIo): Promise<string> {
  if (command.passwords.length > 0) {
    say(io.stderr, ARGUMENTS_WARNING);
  }
  const passwords = command.passwords.length > 0 ? command.passwords : await readPasswords(io);
  const { key, notes } = obtainKey({ config: command.config, keyFile: command.keyFile, env: io.env });
  for (const note of notes) say(io.stderr, note);
  const values = passwords.map((password, index) => {
    try {
      return encryptPassword(password, key);
    } catch (error) {
      throw new RefusedPasswordError(index + 1, error);
    }
  });
  return values.map((value) => `Your encrypted data: ${value}\n`).join('');
}

/** A terminal is asked, anything else is read: one password per line. */
async function readPasswords({ stdin, stderr }: CommandIo): Promise<string[]> {
  return stdin.isTTY ? [await promptPassword(stdin, stderr)] : readPasswordLines(stdin);
}

/** Which of the passwords could not be encrypted. */
class RefusedPasswordError extends Error {
  readonly code = 'password-refused';
  constructor(position: number, cause: unknown) {
    super(`password ${position}: ${cause instanceof Error ? cause.message : 'refused'}`, { cause });
    this.name = new.target.name;
  }
}

function report(error: unknown, stderr: NodeJS.WritableStream): number {
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (!(error instanceof Error)) throw error;
  const code = exitCode(error);
  if (code === undefined) throw error;
  say(stderr, `tc_calendar: ${error.message}`);
  return code;
}

function exitCode(error: Error): number | undefined {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof RefusedPasswordError || error instanceof PasswordInputError) return EXIT.password;
  return error instanceof SecretError ? EXIT.key : undefined;
}

function say(stderr: NodeJS.WritableStream, line: string): void {
  stderr.write(`${line}\n`);
}

/** A reader that went away (`| head`) is no failure of ours, but the values did not arrive. */
async function print(stdout: NodeJS.WritableStream, text: string): Promise<number> {
  const failed = once(stdout, 'error').then(() => false);
  const written = new Promise<boolean>((resolve) => stdout.write(text, (error) => resolve(!error)));
  return (await Promise.race([written, failed])) ? EXIT.ok : EXIT.password;
}
