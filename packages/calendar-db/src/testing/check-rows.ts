import { type Column, type Columns, isNullable } from '../database/column-types.ts';
import { observeRows, type Query } from '../database/query.ts';

type Row = Readonly<Record<string, unknown>>;

/** A row is not what its query declares. */
export class RowNotAsDeclaredError extends Error {
  readonly code = 'row-not-as-declared';

  constructor(query: string, column: string, mistake: string) {
    super(`${query}: the column ${column} ${mistake}; correct the declaration of the query, or the query`);
    this.name = new.target.name;
  }
}

/**
 * Looks at all rows of a query: no null where none is declared, and no value that `oneOf` and `json` do not know. What
 * Postgres itself says of a query knows neither.
 *
 * @throws RowNotAsDeclaredError
 */
export function checkRows(query: Query<unknown, readonly unknown[]>, rows: readonly Row[]): void {
  for (const row of rows) {
    checkColumns(query.name, query.row, row);
    const isFound = Object.keys(query.outer).some((name) => row[name] !== null);
    if (isFound) checkColumns(query.name, query.outer, row);
  }
}

function checkColumns(query: string, columns: Columns, row: Row): void {
  for (const [name, column] of Object.entries(columns)) {
    const mistake = mistakeOf(column, row[name]);
    if (mistake !== undefined) throw new RowNotAsDeclaredError(query, name, mistake);
  }
}

function mistakeOf(column: Column, value: unknown): string | undefined {
  if (value === undefined) return 'is missing';
  if (value === null) return isNullable(column) ? undefined : 'is null';
  return typeof column === 'string' ? undefined : column.mistake(value);
}

// As a setup file of vitest it makes every query of the tests' own process fail whose rows are not as declared.
observeRows(checkRows);
