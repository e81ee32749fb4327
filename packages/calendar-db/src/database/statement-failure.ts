import pg from 'pg';

/** Classes of SQLSTATE that tell of the data that a statement met. */
const CLASSES: ReadonlySet<string> = new Set([
  ...['09', '20', '21', '22', '23', '27', '2F', '38', '39', '44'],
  // A program limit, such as the size of a jsonb; what a function raised; an internal error, as of a damaged row.
  ...['54', 'P0', 'XX'],
]);
/** Out of memory, and a statement that took too long. */
const CODES: ReadonlySet<string> = new Set(['53200', '57014']);

/**
 * Whether something failed by what was read or written, so that it may succeed with less or with other data. A server that
 * is away, starts, stops, is full or has another schema, and locks that others hold, are not of that kind: then everything
 * else fails as well, or the same succeeds a moment later.
 */
export function isFailureOfData(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) {
    const { code = '' } = error;
    return CODES.has(code) || CLASSES.has(code.slice(0, 2));
  }
  return error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError;
}
