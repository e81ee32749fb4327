import { readFileSync } from 'node:fs';
import { ConfigFileError, ConfigInvalidError, type ConfigProblem } from './config-errors.ts';
import { type ConnectorConfig, configSchema } from './config-schema.ts';
import { parseConfigText } from './config-text.ts';

/** A config that can be used. */
export type LoadedConfig = {
  /** The file it came from. */
  readonly path: string;
  readonly config: ConnectorConfig;
  /** What is doubtful but usable: unknown keys, servers without an entry, … One line each in `message`. */
  readonly warnings: readonly ConfigProblem[];
};

/**
 * Reads and checks `config.json` (comments and trailing commas allowed). Decrypts nothing.
 * @param path the file; relative paths inside it start at its folder
 * @throws ConfigFileError when it is missing or unreadable
 * @throws ConfigInvalidError with every mistake that was found
 */
export function loadConfig(path: string): LoadedConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigFileError('config-missing', `${path} cannot be read`, error);
  }
  return parseConfig(text, path);
}

/** Checks a config given as text; `path` is where it would stand. Throws as `loadConfig`. */
export function parseConfig(text: string, path: string): LoadedConfig {
  const parsed = parseConfigText(text, path);
  if (parsed.problems.length > 0) throw new ConfigInvalidError(parsed.problems);
  const result = configSchema.safeParse(parsed.value);
  if (!result.success) {
    throw new ConfigInvalidError(
      result.error.issues.map((issue) => {
        const where = parsed.locate(issue.path as (string | number)[]);
        return { ...where, code: 'invalid', message: `${path}:${where.line}: ${where.path}: ${issue.message}` };
      }),
    );
  }
  return { path, config: result.data, warnings: [] };
}
