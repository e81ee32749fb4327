import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defineQuery, type Queryable } from '../database/query.ts';
import { buildFunctions } from './schema-sources.ts';
import { readSchemaStatus } from './schema-status.ts';

const sql = {
  describe: defineQuery('schema/describe', {
    params: ['text[]'],
    row: { kind: 'text', name: 'text', definition: 'text', body: 'text?' },
  }),
};

/** One way in which the database's triggers and functions differ from what this build made. */
export interface Drift {
  /** Such as `trigger event.event_updated` or `function head()`. */
  readonly name: string;
  readonly drift: 'missing' | 'disabled' | 'altered';
}

/**
 * Compares triggers and functions with this build's: what surrounds them with the committed description of the schema,
 * bodies with `sql/functions`, the recorded digest of all functions with theirs. Without them changes are neither logged
 * nor told, silently: a worker that lives on them is not ready while anything drifts. On a newer schema that still suits
 * this build functions may be others and only the triggers' presence counts.
 */
export async function checkTriggers(db: Queryable): Promise<Drift[]> {
  const { state } = await readSchemaStatus(db);
  const newer = state === 'newer';
  const found = new Map((await describeSchema(db, ['function', 'trigger'])).map((item) => [nameOf(item), item]));
  const drifts = expectedItems().flatMap((expected): Drift[] => {
    const drift = driftOf(expected, found.get(nameOf(expected)));
    if (drift === null || (newer && (drift === 'altered' || expected.kind === 'function'))) return [];
    return [{ name: nameOf(expected), drift }];
  });
  if (state === 'functionsOlder') drifts.push({ name: 'the recorded digest of all functions', drift: 'altered' });
  return drifts;
}

function driftOf(expected: SchemaItem, actual: SchemaItem | undefined): Drift['drift'] | null {
  if (actual === undefined) return 'missing';
  if (actual.definition === expected.definition && actual.body === expected.body) return null;
  return /^(disabled|replica) /u.test(actual.definition) ? 'disabled' : 'altered';
}

/** One thing in the schema, as the catalogues describe it. */
export interface SchemaItem {
  readonly kind: string;
  readonly name: string;
  readonly definition: string;
  /** Digest of a function's body; null for all else. */
  readonly body: string | null;
}

export const SCHEMA_KINDS = [
  'column',
  'constraint',
  'function',
  'index',
  'storage',
  'trigger',
  'type',
  'view',
] as const;

/** Reads what there is of some kinds in the schema, ordered by kind and name. */
export async function describeSchema(
  db: Queryable,
  kinds: readonly (typeof SCHEMA_KINDS)[number][] = SCHEMA_KINDS,
): Promise<SchemaItem[]> {
  return (await db.query(sql.describe, [kinds])).rows;
}

/** How the schema is written down in `sql/schema.expected.txt`: one line each, without the bodies of functions. */
export function schemaLines(items: readonly SchemaItem[]): string {
  return items.map((item) => `${nameOf(item)}\t${item.definition}\n`).join('');
}

function nameOf({ kind, name }: SchemaItem): string {
  return `${kind} ${name}`;
}

function expectedItems(): SchemaItem[] {
  const bodies = new Map(
    buildFunctions().map(({ name, body }) => [name, createHash('md5').update(body).digest('hex')]),
  );
  return readFileSync(new URL('../../sql/schema.expected.txt', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => /^(?<kind>function|trigger) (?<name>[^\t]+)\t(?<definition>.*)$/u.exec(line)?.groups)
    .filter((groups) => groups !== undefined)
    .map(({ kind = '', name = '', definition = '' }) => ({
      kind,
      name,
      definition,
      body: kind === 'function' ? (bodies.get(name.slice(0, name.indexOf('('))) ?? null) : null,
    }));
}
