import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigFileError, ConfigInvalidError, type ConfigProblem } from './config-errors.ts';
import { childSchema, configJsonSchema, type SchemaNode } from './config-json-schema.ts';
import { type ConnectorConfig, sectionSchemas } from './config-schema.ts';
import { type ConfigText, parseConfigText } from './config-text.ts';
import { configWarnings, unknownKeyWarnings } from './config-warnings.ts';
import { crossCheck, type GoodSections } from './cross-checks.ts';
import { describeFound, describeIssue, problemAt } from './describe-problem.ts';
import { EncryptedSecret } from './encrypted-secret.ts';

/** Room for a hundred thousand mailboxes; more is some other file. */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

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
  return parseConfig(readConfigText(path), path);
}

/** Checks a config given as text; `path` is where it would stand. Throws ConfigInvalidError as `loadConfig` does. */
export function parseConfig(text: string, path: string): LoadedConfig {
  const parsed = parseConfigText(text, path);
  if (parsed.problems.length > 0) throw new ConfigInvalidError(parsed.problems);
  const schema = configJsonSchema();
  const { good, problems } = checkSections(parsed, schema);
  problems.push(...crossCheck(good, parsed));
  if (problems.length > 0) {
    const inOrder = problems.sort((a, b) => a.line - b.line || a.column - b.column);
    throw new ConfigInvalidError(inOrder, unknownKeyWarnings(parsed));
  }
  const config = good as ConnectorConfig;
  place(config, schema, [], dirname(resolve(path)), parsed);
  return { path, config, warnings: configWarnings(config, parsed) };
}

/** Checks each top-level key by itself, so that all mistakes come up at once. */
function checkSections(text: ConfigText, schema: SchemaNode): { good: GoodSections; problems: ConfigProblem[] } {
  const { value } = text;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      good: {},
      problems: [problemAt(text.locate([]), 'wrong-type', describeFound(value, undefined), 'one object in { }')],
    };
  }
  const good: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, section] of Object.entries(sectionSchemas)) {
    const result = section.safeParse((value as Record<string, unknown>)[name]);
    if (result.success) good[name] = result.data;
    for (const issue of result.error?.issues ?? []) {
      const { path, code, found, wanted } = describeIssue({ ...issue, path: [name, ...issue.path] }, schema, value);
      problems.push(problemAt(text.locate(path), code, found, wanted));
    }
  }
  return { good: good as GoodSections, problems };
}

/** Tells secrets where they stand and makes file paths absolute; the objects are fresh, so they are changed in place. */
function place(
  value: unknown,
  node: SchemaNode | undefined,
  path: (string | number)[],
  folder: string,
  text: ConfigText,
) {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const step = Array.isArray(value) ? Number(key) : key;
    const childNode = Array.isArray(value) ? node?.items : childSchema(node, key);
    const childPath = [...path, step];
    const placed = value as Record<string, unknown>;
    if (child instanceof EncryptedSecret) placed[key] = child.at(text.locate(childPath));
    else if (childNode?.['x-path'] && typeof child === 'string') placed[key] = resolve(folder, child);
    else place(child, childNode, childPath, folder, text);
  }
}

function readConfigText(path: string): string {
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > MAX_CONFIG_BYTES)
      throw new ConfigFileError('config-unreadable', `${path} has ${size} bytes; wanted at most ${MAX_CONFIG_BYTES}`);
    bytes = readFileSync(path);
  } catch (error) {
    throw error instanceof ConfigFileError ? error : fileError(path, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ConfigFileError('config-unreadable', `${path} is not UTF-8 text; save it as UTF-8`, error);
  }
}

function fileError(path: string, error: unknown): ConfigFileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ConfigFileError(
      'config-missing',
      `there is no config at ${path}; name it with --config FILE or CALENDAR_CONFIG`,
      error,
    );
  }
  return new ConfigFileError(
    'config-unreadable',
    `the config ${path} cannot be read by this user (${code}); check its owner and mode`,
    error,
  );
}
