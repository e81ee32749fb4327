import { readFileSync } from 'node:fs';
import { defineQuery, type Queryable } from '../database/query.ts';
import { readSchemaStatus } from './migrate.ts';

const sql = {
  readTriggers: defineQuery('schema/read-triggers', { params: ['boolean'], row: { name: 'text', definition: 'text' } }),
};

/** One way in which the database's triggers and functions differ from what the migrations made. */
interface Drift {
  /** Such as `trigger event.event_updated` or `function head()`. */
  readonly name: string;
  readonly drift: 'missing' | 'disabled' | 'altered';
}

/**
 * Compares triggers and functions with those of this build's migrations. Without them changes are neither logged nor
 * told, silently: a worker that lives on them is not ready while anything drifts. On a newer schema that still suits
 * this build functions may be others and only the triggers' presence counts.
 */
export async function checkTriggers(db: Queryable): Promise<Drift[]> {
  const newer = (await readSchemaStatus(db)).state === 'newer';
  const found = new Map((await read(db, true)).map(({ name, definition }) => [name, definition]));
  return expectedTriggers().flatMap(({ name, definition }): Drift[] => {
    const drift = driftOf(definition, found.get(name));
    if (drift === null || (newer && (drift === 'altered' || name.startsWith('function ')))) return [];
    return [{ name, drift }];
  });
}

function driftOf(expected: string, actual: string | undefined): Drift['drift'] | null {
  if (actual === undefined) return 'missing';
  if (actual === expected) return null;
  return /^(disabled|replica) /u.test(actual) ? 'disabled' : 'altered';
}

interface TriggerDefinition {
  readonly name: string;
  readonly definition: string;
}

/** Triggers, and the functions that they run directly or through others, as they are. */
export function readTriggers(db: Queryable): Promise<TriggerDefinition[]> {
  return read(db, false);
}

async function read(db: Queryable, allFunctions: boolean): Promise<TriggerDefinition[]> {
  return (await db.query(sql.readTriggers, [allFunctions])).rows;
}

/** How triggers and functions are written down in `sql/triggers.expected.txt`: one line each. */
export function triggerLines(triggers: readonly TriggerDefinition[]): string {
  return triggers.map(({ name, definition }) => `${name}\t${definition}\n`).join('');
}

function expectedTriggers(): TriggerDefinition[] {
  return readFileSync(new URL('../../sql/triggers.expected.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', definition = ''] = line.split('\t');
      return { name, definition };
    });
}
