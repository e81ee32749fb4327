import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  coverage: defineQuery('views/read-coverage', {
    params: ['text[]'],
    row: { viewer: 'text', cached: 'boolean', coveredFrom: 'timestamptz?', coveredTo: 'timestamptz?' },
  }),
};

/** What the cache holds of a person's calendar. */
export interface Coverage {
  readonly viewer: string;
  /** His mailbox was read completely at least once. */
  readonly cached: boolean;
  /** The window that the cache covers; null when it is not cached. */
  readonly coveredFrom: Date | null;
  readonly coveredTo: Date | null;
}

/** @param viewers canonical addresses. @returns one entry for each distinct viewer, in any order. */
export async function readCoverage(db: Queryable, viewers: readonly string[]): Promise<Coverage[]> {
  return (await db.query(sql.coverage, [viewers])).rows;
}
