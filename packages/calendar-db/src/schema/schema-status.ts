import { defineQuery, type Queryable } from '../database/query.ts';
import {
  BUILD_SCHEMA,
  buildFunctions,
  expectedSchemaVersion,
  functionsDigest,
  knownMigrations,
  readFunctions,
  type SchemaSources,
} from './schema-sources.ts';

const sql = {
  isMigrated: defineQuery('schema/is-migrated', { row: { there: 'boolean' } }),
  readVersion: defineQuery('schema/read-version', { row: { version: 'integer', first: 'text?' } }),
  readFunctionsState: defineQuery('schema/read-functions-state', {
    params: ['text'],
    row: { breaking: 'integer', had: 'boolean', has: 'boolean' },
  }),
};

/**
 * How the database's schema stands to the one that a build is written for:
 * - `current`: it is that one.
 * - `missing`: there is none yet.
 * - `beforeBaseline`: a development build made it whose migrations this build does not know; nothing leads from there.
 * - `older`: migrations are missing. `functionsOlder`: the version is right, the functions are none that this build knows
 *   to be its own or later ones.
 * - `newer`: migrations or functions of a newer build, which suit this one as well. `newerBreaking`: they do not.
 */
type SchemaState = 'current' | 'missing' | 'beforeBaseline' | 'older' | 'functionsOlder' | 'newer' | 'newerBreaking';

export type SchemaStatus = {
  readonly state: SchemaState;
  readonly version: number;
  readonly expected: number;
};

/**
 * Compares the database's schema with a build's.
 *
 * @param sources the build's schema; this build's unless given
 * @throws the database's error
 */
export async function readSchemaStatus(
  database: Queryable,
  sources: SchemaSources = BUILD_SCHEMA,
): Promise<SchemaStatus> {
  const expected = expectedSchemaVersion(sources);
  const { rows: exists } = await database.query(sql.isMigrated);
  if (!exists[0]?.there) return { state: 'missing', version: 0, expected };
  const { rows } = await database.query(sql.readVersion);
  const { version, first } = rows[0] ?? { version: 0, first: null };
  if (version === 0) return { state: 'missing', version, expected };
  if (first !== knownMigrations(sources.migrations)[0]?.name) return { state: 'beforeBaseline', version, expected };
  if (version < expected) return { state: 'older', version, expected };
  return { state: await stateOfFunctions(database, sources, version, expected), version, expected };
}

async function stateOfFunctions(
  database: Queryable,
  sources: SchemaSources,
  version: number,
  expected: number,
): Promise<SchemaState> {
  const digest = functionsDigest(sources === BUILD_SCHEMA ? buildFunctions() : readFunctions(sources.functions));
  const { rows } = await database.query(sql.readFunctionsState, [digest]);
  const { breaking, had, has } = rows[0] ?? { breaking: 0, had: false, has: false };
  if (version > expected) return breaking > expected ? 'newerBreaking' : 'newer';
  if (has) return 'current';
  return had ? 'newer' : 'functionsOlder';
}
