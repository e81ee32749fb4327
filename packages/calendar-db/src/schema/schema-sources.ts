import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { FUNCTIONS_FOLDER, MIGRATIONS_FOLDER } from '../database/sql-file.ts';

/** Where a build's schema is written down: folders with a slash at the end. */
export interface SchemaSources {
  readonly migrations: URL;
  readonly functions: URL;
}

/** The schema that this build is written for. */
export const BUILD_SCHEMA: SchemaSources = { migrations: MIGRATIONS_FOLDER, functions: FUNCTIONS_FOLDER };

/** Read once: workers compare with it again and again. */
let ofThisBuild: readonly FunctionSource[] | undefined;

/** The functions of this build. @throws FunctionFileInvalidError */
export function buildFunctions(): readonly FunctionSource[] {
  ofThisBuild ??= readFunctions(FUNCTIONS_FOLDER);
  return ofThisBuild;
}

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Workers built for an older schema cannot go on after it. */
  readonly breaking: boolean;
}

/** The migrations in a folder, oldest first. A file's first line says whether it is breaking. */
export function knownMigrations(folder: URL = MIGRATIONS_FOLDER): Migration[] {
  return readdirSync(folder)
    .map((file) => ({ file, match: /^(\d+)\.do\.(.+)\.sql$/u.exec(file) }))
    .flatMap(({ file, match }) => (match ? [{ file, version: Number(match[1]), name: match[2] ?? '' }] : []))
    .map(({ file, version, name }) => ({
      version,
      name,
      breaking: readFileSync(new URL(file, folder), 'utf8').startsWith('-- breaking: true'),
    }))
    .sort((a, b) => a.version - b.version);
}

/** The schema version that a build's migrations lead to. */
export function expectedSchemaVersion(sources: SchemaSources = BUILD_SCHEMA): number {
  return knownMigrations(sources.migrations).at(-1)?.version ?? 0;
}

/** One function of the schema, as its file has it. */
export interface FunctionSource {
  /** Path below the folder of functions, such as `changes/head.sql`. */
  readonly file: string;
  /** Without schema and arguments, such as `head`. */
  readonly name: string;
  /** Its CREATE OR REPLACE, without the comment above it, lines ended by \n. */
  readonly statement: string;
  /** What the database keeps as its source. */
  readonly body: string;
  /** Tables, indexes and triggers name it: it must exist before the migrations. */
  readonly beforeMigrations: boolean;
  /** Its results are stored: a generated column, an index or a CHECK calls it. */
  readonly stored: boolean;
}

/** A file of the functions' folder is not one CREATE OR REPLACE FUNCTION of the name that the file has. */
class FunctionFileInvalidError extends Error {
  readonly code = 'function-file-invalid';

  constructor(file: string, found: string) {
    super(`sql/functions/${file} must hold one CREATE OR REPLACE FUNCTION calendar.<name of the file>, and ${found}`);
    this.name = new.target.name;
  }
}

/**
 * All functions in a folder, in the order of their paths.
 *
 * @throws FunctionFileInvalidError when a file holds something else than its function
 */
export function readFunctions(folder: URL): FunctionSource[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readFunction(file, readFileSync(new URL(file, folder), 'utf8').replaceAll('\r\n', '\n')));
}

function readFunction(file: string, text: string): FunctionSource {
  const begins = [...text.matchAll(/^CREATE .*$/gmu)];
  const begin = begins[0];
  if (begin === undefined || begins.length > 1)
    throw new FunctionFileInvalidError(file, `it has ${begins.length} CREATE`);
  const statement = text.slice(begin.index).trimEnd();
  const name = /^CREATE OR REPLACE FUNCTION calendar\.(\w+)\(/u.exec(statement)?.[1];
  if (name === undefined) throw new FunctionFileInvalidError(file, `it begins with "${begin[0]}"`);
  if (!file.endsWith(`/${name}.sql`)) throw new FunctionFileInvalidError(file, `it makes calendar.${name}`);
  const body = /\bAS (?:\$\$(.*)\$\$|'([^']*)');$/su.exec(statement);
  if (!body) throw new FunctionFileInvalidError(file, 'its body does not stand between AS $$ and $$; at the end');
  const stored = file.startsWith('stored/');
  return {
    file,
    name,
    statement,
    body: body[1] ?? body[2] ?? '',
    beforeMigrations: stored || / RETURNS trigger /u.test(statement),
    stored,
  };
}

/** Names a set of functions: differs when any of them does, whatever the comments above them say. */
export function functionsDigest(functions: readonly FunctionSource[]): string {
  const hash = createHash('sha256');
  for (const { file, statement } of functions) hash.update(`${file}\0${statement}\0`);
  return hash.digest('hex');
}
