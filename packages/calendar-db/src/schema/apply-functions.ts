import pg from 'pg';
import { defineQuery, runQuery } from '../database/query.ts';
import { type FunctionSource, functionsDigest } from './schema-sources.ts';

const sql = {
  readNames: defineQuery('schema/read-function-names', { row: { name: 'text', signatures: 'integer' } }),
  record: defineQuery('schema/record-functions', { params: ['text'] }),
};

/** SQLSTATE of a CREATE OR REPLACE that would change the signature of the function that is there. */
const INVALID_FUNCTION_DEFINITION = '42P13';

/** A function's arguments or result differ from those of the function of that name in the database. */
export class FunctionSignatureChangedError extends Error {
  readonly code = 'function-signature-changed';

  constructor(file: string, options?: ErrorOptions) {
    super(
      `sql/functions/${file} has another signature than the function in the database, which CREATE OR REPLACE cannot change; ` +
        'drop the old function in a breaking migration (DROP FUNCTION IF EXISTS); nothing was changed',
      options,
    );
    this.name = new.target.name;
  }
}

/** A function could not be created; the schema is as it was. */
export class FunctionFailedError extends Error {
  readonly code = 'function-failed';

  constructor(file: string, cause: Error) {
    super(`sql/functions/${file} failed, the schema was left as it was: ${cause.message}`, { cause });
    this.name = new.target.name;
  }
}

/**
 * Makes the functions without which the migrations cannot run: those whose results are stored, as this build has them,
 * since its migrations rewrite what is stored by them; and those of triggers, where they are missing.
 *
 * @throws FunctionSignatureChangedError, FunctionFailedError
 */
export async function applyFunctionsBeforeMigrations(
  client: pg.ClientBase,
  functions: readonly FunctionSource[],
): Promise<void> {
  const { rows } = await runQuery(client, sql.readNames);
  const present = new Set(rows.map(({ name }) => name));
  const needed = functions.filter((fn) => fn.beforeMigrations && (fn.stored || !present.has(fn.name)));
  await createAll(client, needed, false);
}

/**
 * Makes all functions as this build has them, in the order of their paths, and records their digest. Bodies are checked in
 * a second round, when all functions that they call are there.
 *
 * @param client in the transaction of the migrations
 * @throws FunctionSignatureChangedError, FunctionFailedError
 */
export async function applyFunctions(client: pg.ClientBase, functions: readonly FunctionSource[]): Promise<void> {
  await createAll(client, functions, false);
  await createAll(client, functions, true);
  const { rows } = await runQuery(client, sql.readNames);
  const signatures = new Map(rows.map((row) => [row.name, row.signatures]));
  // With other arguments CREATE OR REPLACE makes a second function beside the old one.
  const doubled = functions.find(({ name }) => signatures.get(name) !== 1);
  if (doubled) throw new FunctionSignatureChangedError(doubled.file);
  await runQuery(client, sql.record, [functionsDigest(functions)]);
}

async function createAll(
  client: pg.ClientBase,
  functions: readonly FunctionSource[],
  checkBodies: boolean,
): Promise<void> {
  await client.query(`SET LOCAL check_function_bodies = ${checkBodies ? 'on' : 'off'}`);
  for (const { file, statement } of functions) {
    try {
      await client.query(statement);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      if (!checkBodies && error.code === INVALID_FUNCTION_DEFINITION) {
        throw new FunctionSignatureChangedError(file, { cause: error });
      }
      throw new FunctionFailedError(file, error);
    }
  }
  await client.query('SET LOCAL check_function_bodies = on');
}
