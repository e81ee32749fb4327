import { readFileSync } from 'node:fs';
import yargs from 'yargs';

/** The command line cannot be understood. Messages name arguments by position only: each may be a password. */
export class UsageError extends Error {
  readonly code = 'usage';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What was asked for. */
export type Command =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'encrypt';
      /** Exactly as given; empty: to be asked for or read from stdin. */
      readonly passwords: readonly string[];
      readonly config: string | undefined;
      readonly keyFile: string | undefined;
    };

const OPTIONS = ['--hash_pass', '--config', '--key-file', '--help', '--version'];

/**
 * Reads the command line.
 *
 * yargs would take quotes off a value, read `1e3` as a number, and repeat unknown arguments in its messages. So it is
 * given a stand-in for every value, and the values are put back afterwards, character for character.
 * @throws UsageError
 */
export async function parseArguments(args: readonly string[]): Promise<Command> {
  const { tokens, values } = withStandIns(args);
  let text = '';
  const parser = commandLine(tokens);
  const parsed = await parser.parseAsync(tokens, {}, (error, _argv, output) => {
    if (error) throw new UsageError(`${error.message}; see tc_calendar --help`);
    text = output;
  });
  if (text) return { kind: 'text', text: `${text}\n` };
  const { _: stray, '--': literal, hash_pass: listed, config, 'key-file': keyFile } = parsed as ParsedTokens;
  if (listed === undefined) throw new UsageError('wanted --hash_pass; see tc_calendar --help');
  if (stray.length > 0) throw new UsageError('passwords come right after --hash_pass; see tc_calendar --help');
  const original = (standIn: string) => values.get(standIn) ?? '';
  const single = (standIn: string | string[] | undefined, name: string) => {
    if (Array.isArray(standIn)) throw new UsageError(`${name} is given more than once`);
    return standIn === undefined ? undefined : original(standIn);
  };
  return {
    kind: 'encrypt',
    passwords: [...listed, ...(literal ?? [])].map(original),
    config: single(config, '--config'),
    keyFile: single(keyFile, '--key-file'),
  };
}

/** What yargs makes of the stand-ins: `--` holds what follows it, repeated options become lists. */
type ParsedTokens = {
  _: unknown[];
  '--'?: string[];
  hash_pass?: string[];
  config?: string | string[];
  'key-file'?: string | string[];
};

function commandLine(tokens: readonly string[]) {
  return yargs([...tokens])
    .scriptName('tc_calendar')
    .locale('en')
    .usage(
      'Encrypts passwords for config.json.\n\n' +
        'tc_calendar --hash_pass              asks for the password without showing it\n' +
        'tc_calendar --hash_pass < FILE       reads one password per line from a file or a pipe\n' +
        'tc_calendar --hash_pass p1 [p2 ...]  takes them as arguments (history and process list show them)',
    )
    .option('hash_pass', {
      type: 'array',
      string: true,
      describe: 'encrypt; one that begins with a dash: --hash_pass=-secret',
    })
    .option('config', {
      type: 'string',
      requiresArg: true,
      describe: 'config.json that the values are for; the key stands beside it',
    })
    .option('key-file', { type: 'string', requiresArg: true, describe: 'key file to use instead' })
    .parserConfiguration({
      'parse-numbers': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
      'populate--': true,
    })
    .version(packageVersion())
    .epilogue(
      'The key file is CALENDAR_KEY_FILE, else the systemd credential calendar-key, else secret.key beside the config, else ' +
        'secret.key in your own configuration folder. It is created when there is none.\n\n' +
        'Exit codes: 0 done; 1 a password was refused or could not be read; 2 wrong arguments; 3 the key file is missing, ' +
        'unreadable or lost; 130 interrupted.',
    )
    .strictOptions()
    .wrap(120)
    .exitProcess(false);
}

/** Replaces values by stand-ins; what begins with a dash must be an option of ours. */
function withStandIns(args: readonly string[]): { tokens: string[]; values: Map<string, string> } {
  const values = new Map<string, string>();
  const standIn = (value: string): string => {
    const name = `value-${values.size + 1}`;
    values.set(name, value);
    return name;
  };
  let optionsEnded = false;
  const tokens = args.map((arg, index) => {
    if (optionsEnded || !arg.startsWith('-') || arg === '-') return standIn(arg);
    if (arg === '--') {
      optionsEnded = true;
      return arg;
    }
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (!OPTIONS.includes(name)) throw unknownOption(index + 1);
    return equals < 0 ? arg : `${name}=${standIn(arg.slice(equals + 1))}`;
  });
  return { tokens, values };
}

function unknownOption(position: number): UsageError {
  return new UsageError(
    `argument ${position} begins with a dash and is no option of this command (${OPTIONS.join(', ')}); a password that ` +
      'begins with a dash is written --hash_pass=-secret, or typed when --hash_pass alone asks for it',
  );
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
