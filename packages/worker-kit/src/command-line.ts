import { readFileSync } from 'node:fs';
import { resolveConfigPath } from 'connector-config';
import yargs from 'yargs';
import { FatalError } from './fatal-error.ts';

export interface WorkerArguments {
  /** Absolute path of the config. */
  readonly configPath: string;
  readonly instance: number;
}

/** Ports of the instances of one kind must not run into those of the next. */
const MOST_INSTANCES = 20;

/**
 * Reads a worker's command line. `--help` and `--version` give the text to print instead.
 * @throws FatalError (usage) for anything it does not know
 */
export async function parseWorkerArguments(
  kind: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<WorkerArguments | { readonly print: string }> {
  let print: string | undefined;
  let mistake: string | undefined;
  const parsed = await yargs()
    .scriptName(kind)
    .usage('$0 [--config FILE] [--instance N]')
    .option('config', {
      type: 'string',
      requiresArg: true,
      describe: 'config.json (else CALENDAR_CONFIG, else the installed one)',
    })
    .option('instance', {
      type: 'number',
      requiresArg: true,
      default: 0,
      describe: 'number among the workers of this kind on this machine',
    })
    .strict()
    .version(kitVersion())
    .exitProcess(false)
    .fail((message, error) => {
      mistake = message ?? error?.message ?? 'the command line cannot be read';
    })
    .parseAsync([...argv], {}, (_error, _argv, output) => {
      if (output !== '') print = output;
    });
  if (mistake !== undefined) throw usageError(kind, mistake);
  if (print !== undefined) return { print };
  const { config, instance } = parsed;
  if (Array.isArray(config) || config === '') throw usageError(kind, '--config wants one file');
  if (!Number.isInteger(instance) || instance < 0 || instance >= MOST_INSTANCES) {
    throw usageError(kind, `--instance wants a whole number from 0 to ${MOST_INSTANCES - 1}`);
  }
  return { configPath: resolveConfigPath({ config, env }), instance };
}

/** The version of this build; all packages carry the same. */
export function kitVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function usageError(kind: string, message: string): FatalError {
  return new FatalError('usage', 'usage', `${message.replaceAll('\n', ' ')}; see ${kind} --help`);
}
