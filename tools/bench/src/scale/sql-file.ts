import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../sql/', import.meta.url);

/** The statement in a file of `tools/bench/sql`. @param name without the ending */
export function sqlFile(name: string): string {
  return readFileSync(new URL(`${name}.sql`, FOLDER), 'utf8');
}
