import type pg from 'pg';
import { typeOf } from '../database/column-types.ts';
import type { Query } from '../database/query.ts';
import { describeQuery } from './describe-query.ts';

/** The type of the column of a function without a result; such a column is not declared. */
const VOID = 'void';

/**
 * Compares declarations of queries with what Postgres says of them: the types of their parameters in their order, the
 * names and types of their columns.
 *
 * @param client connected to a migrated database
 * @returns one line for each difference, with the query's name
 */
export async function queryDifferences(
  client: pg.Client,
  queries: readonly Query<unknown, readonly unknown[]>[],
): Promise<string[]> {
  const types = await typeNames(client);
  const nameOf = (oid: number) => types.get(oid) ?? `type ${oid}`;
  const differences: string[] = [];
  for (const query of queries) {
    const { params, columns } = await describeQuery(client, query.text).catch((cause: Error) => {
      throw new Error(`${query.name} cannot be prepared: ${cause.message}`, { cause });
    });
    const declared = Object.entries({ ...query.row, ...query.outer });
    const pairs = [
      ['parameters', query.params.map(typeOf), params.map(nameOf)],
      [
        'columns',
        declared.map(([name, column]) => `${name} ${typeOf(column)}`).sort(),
        columns
          .filter(({ type }) => nameOf(type) !== VOID)
          .map(({ name, type }) => `${name} ${nameOf(type)}`)
          .sort(),
      ],
    ] as const;
    for (const [what, expected, found] of pairs) {
      const [left, right] = [expected.join(', '), found.join(', ')];
      if (left !== right) differences.push(`${query.name}: declares the ${what} (${left}), Postgres has (${right})`);
    }
  }
  return differences;
}

/** Names of types as declarations have them, by OID. */
async function typeNames(client: pg.Client): Promise<Map<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(
    'SELECT oid, oid::regtype::text AS name FROM pg_type',
  );
  return new Map(rows.map(({ oid, name }) => [oid, name.replace('timestamp with time zone', 'timestamptz')]));
}
