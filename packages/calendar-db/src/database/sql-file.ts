import { readFileSync } from 'node:fs';

/** Folder of all SQL: migrations, functions, scripts, and one file for each query. */
export const SQL_FOLDER = new URL('../../sql/', import.meta.url);

/**
 * The text of a query kept under `sql/`.
 *
 * @param name path below `sql/` without the ending, such as `changes/read-after`
 */
export function sqlFile(name: string): string {
  return readFileSync(new URL(`${name}.sql`, SQL_FOLDER), 'utf8');
}

/** Folder of the numbered migrations. */
export const MIGRATIONS_FOLDER = new URL('migrations/', SQL_FOLDER);

/** Folder of the functions, one file each, in a folder per area. */
export const FUNCTIONS_FOLDER = new URL('functions/', SQL_FOLDER);
