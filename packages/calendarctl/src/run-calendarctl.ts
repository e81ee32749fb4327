import { EXIT_CODES, FatalError, kitVersion } from 'worker-kit';
import yargs, { type Argv } from 'yargs';
import { CommandContext, type CommandIo } from './command-context.ts';
import { bootstrapDbCommand } from './commands/bootstrap-db.ts';
import { checkConfigCommand } from './commands/check-config.ts';
import { confirmMailboxCommand } from './commands/confirm-mailbox.ts';
import { confirmRemovalCommand } from './commands/confirm-removal.ts';
import { migrateCommand } from './commands/migrate.ts';
import { newEpochCommand } from './commands/new-epoch.ts';
import { planCommand } from './commands/plan.ts';
import { reloadCommand } from './commands/reload.ts';
import { retrySignInCommand } from './commands/retry-sign-in.ts';
import { startsCommand } from './commands/starts.ts';
import { statusCommand } from './commands/status.ts';
import { parseTimeSpan } from './time-span.ts';

type Run = (context: CommandContext) => Promise<void>;

/** Runs one command of the operator's tool. @returns the exit code: 0, 1 for the database's trouble, else as workers have */
export async function runCalendarctl(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    const parsed = await parse(argv);
    if (typeof parsed === 'string') io.out(parsed);
    else await parsed.run(new CommandContext(io, parsed));
    return EXIT_CODES.clean;
  } catch (error) {
    if (error instanceof FatalError) {
      for (const line of error.lines) io.err(line);
      return error.exitCode;
    }
    io.err(`the database could not do it: ${databaseTrouble(error)}`);
    return EXIT_CODES.crash;
  }
}

/** What to run, or the text of `--help` and `--version`. @throws FatalError (usage) */
async function parse(
  argv: readonly string[],
): Promise<{ run: Run; config: string | undefined; json: boolean } | string> {
  let run: Run | undefined;
  let print: string | undefined;
  let mistake: string | undefined;
  const parser = addCommands(
    yargs()
      .scriptName('calendarctl')
      .usage('$0 <command> [--config FILE] [--json]')
      .option('config', {
        type: 'string',
        requiresArg: true,
        describe: 'config.json (else CALENDAR_CONFIG, else the installed one)',
      })
      .option('json', { type: 'boolean', default: false, describe: 'answer as JSON' }),
    (chosen) => {
      run = chosen;
    },
  );
  const given = await parser
    .demandCommand(1, 1, 'a command is missing')
    .strict()
    .version(kitVersion())
    .exitProcess(false)
    .fail((message, error) => {
      mistake ??= message ?? error?.message ?? 'the command line cannot be read';
    })
    .parseAsync([...argv], {}, (_error, _argv, output) => {
      if (output !== '') print = output;
    });
  if (mistake === undefined && Array.isArray(given.config)) mistake = '--config wants one file';
  if (mistake !== undefined) throw usageError(mistake);
  if (print !== undefined) return print;
  if (run === undefined) throw usageError('a command is missing');
  return { run, config: given.config, json: given.json };
}

function addCommands<T>(parser: Argv<T>, choose: (run: Run) => void): Argv<T> {
  const span = (text: string) => {
    const ms = parseTimeSpan(text);
    if (ms === undefined) throw new Error(`"${text}" is no span of time; wanted one such as 30m, 1h or 7d`);
    return ms;
  };
  return parser
    .command('bootstrap-db', 'print the SQL that makes role and database, for psql', {}, () =>
      choose(bootstrapDbCommand),
    )
    .command('migrate', 'bring the database schema up to this build', {}, () => choose(migrateCommand))
    .command('check-config', 'find every mistake in the config', {}, () => choose(checkConfigCommand))
    .command('status', 'show workers and mailboxes', {}, () => choose(statusCommand))
    .command(
      'starts',
      'show which conferences were started, and how late',
      { since: { type: 'string', default: '1h', requiresArg: true, describe: 'how far back', coerce: span } },
      ({ since }) => choose((context) => startsCommand(context, since)),
    )
    .command(
      'plan',
      'show what will be started, or why not',
      { next: { type: 'string', default: '24h', requiresArg: true, describe: 'how far ahead', coerce: span } },
      ({ next }) => choose((context) => planCommand(context, next)),
    )
    .command(
      'reload [who]',
      'ask running workers to read their config again',
      (command) =>
        command.positional('who', { type: 'string', default: 'all', describe: 'a kind, a worker’s id, or all' }),
      ({ who }) => choose((context) => reloadCommand(context, who)),
    )
    .command(
      'retry-sign-in [login]',
      'let workers try accounts again that Exchange refused',
      (command) => command.positional('login', { type: 'string', describe: 'as in the config; else all' }),
      ({ login }) => choose((context) => retrySignInCommand(context, login)),
    )
    .command(
      'confirm-mailbox <who>',
      'agree that a suspect mailbox has lost what it no longer shows',
      (command) =>
        command.positional('who', { type: 'string', demandOption: true, describe: 'the mailbox’s address, or all' }),
      ({ who }) => choose((context) => confirmMailboxCommand(context, who)),
    )
    .command('confirm-removal', 'agree that delisted mailboxes are removed', {}, () => choose(confirmRemovalCommand))
    .command('new-epoch', 'make clients read anew after a restored snapshot', {}, () => choose(newEpochCommand));
}

function usageError(message: string): FatalError {
  return new FatalError('usage', 'usage', `${message.replaceAll('\n', ' ')}; see calendarctl --help`);
}

function databaseTrouble(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join('; ');
  return error instanceof Error ? error.message : String(error);
}
