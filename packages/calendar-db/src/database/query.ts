import type pg from 'pg';
import type { Columns, Parameter, RowOf, ValuesOf } from './column-types.ts';
import { sqlFile } from './sql-file.ts';

interface QueryDeclaration<P extends readonly Parameter[], C extends Columns, O extends Columns> {
  /** Types of `$1`, `$2` …, in their order. */
  readonly params?: P;
  /** The columns of its rows; none for a query whose rows are not read. */
  readonly row?: C;
  /** Columns that an outer join adds: all of them null where it finds nothing, of these types where it finds something. */
  readonly outer?: O;
}

/** A key that no other module can write: what looks like a query is none unless `defineQuery` made it. */
const made = Symbol('made by defineQuery');

type NullsOf<C extends Columns> = { [Name in keyof C]: null };

type DeclaredRow<C extends Columns, O extends Columns> = [keyof O] extends [never]
  ? RowOf<C>
  : RowOf<C> & (RowOf<O> | NullsOf<O>);

/**
 * A query of `sql/` with the types of its parameters and columns, as `defineQuery` makes it. A test compares every
 * declaration with what Postgres says of the query.
 */
class DeclaredQuery<Row, Values extends readonly unknown[]> {
  readonly [made] = true;
  /** Path below `sql/` without the ending. */
  readonly name: string;
  /** Begins with the name in a comment: `pg_stat_activity` and Postgres's log tell by it which query they show. */
  readonly text: string;
  readonly params: readonly Parameter[];
  readonly row: Columns;
  readonly outer: Columns;
  /** Never set: it carries the TypeScript types. */
  readonly types?: { readonly row: Row; readonly values: Values };

  constructor(
    name: string,
    { params = [], row = {}, outer = {} }: QueryDeclaration<readonly Parameter[], Columns, Columns>,
  ) {
    this.name = name;
    this.text = `/* ${name} */\n${sqlFile(name)}`;
    this.params = params;
    this.row = row;
    this.outer = outer;
  }
}

/** As `defineQuery` makes it, and nothing else does. */
export type Query<Row, Values extends readonly unknown[]> = DeclaredQuery<Row, Values>;

/** The values of a query as an argument: absent for a query without parameters. */
export type Given<Values extends readonly unknown[]> = Values extends readonly [] ? [] : [values: Values];

/** What a query came to. */
export interface Rows<Row> {
  readonly rows: Row[];
  /** How many rows it returned or, where it returns none, wrote. */
  readonly rowCount: number | null;
}

/** What queries need: a pool, or the client of a transaction. */
export interface Queryable {
  query<Row, Values extends readonly unknown[]>(query: Query<Row, Values>, ...given: Given<Values>): Promise<Rows<Row>>;
}

type AnyQuery = Query<unknown, readonly unknown[]>;

const declared = new Map<string, AnyQuery>();

/**
 * Declares a query.
 *
 * @param name path of its file below `sql/` without the ending, such as `changes/read-after`
 * @throws when the file cannot be read, or is declared already: two declarations of one query could differ
 */
export function defineQuery<
  const P extends readonly Parameter[] = readonly [],
  const C extends Columns = Record<never, never>,
  const O extends Columns = Record<never, never>,
>(name: string, declaration: QueryDeclaration<P, C, O> = {}): Query<DeclaredRow<C, O>, ValuesOf<P>> {
  if (declared.has(name)) throw new Error(`the query ${name} is declared twice; declare it once and import it`);
  const query = new DeclaredQuery<DeclaredRow<C, O>, ValuesOf<P>>(name, declaration);
  declared.set(name, query);
  return query;
}

/** Every query that the modules loaded until now declare. */
export function declaredQueries(): AnyQuery[] {
  return [...declared.values()];
}

type RowObserver = (query: AnyQuery, rows: readonly Readonly<Record<string, unknown>>[]) => void;

let observe: RowObserver = () => undefined;

/** Shows the rows of every query to `observer`; tests see by it whether rows are what was declared. */
export function observeRows(observer: RowObserver): void {
  observe = observer;
}

/** Runs a declared query on a connection or pool of node-postgres. */
export async function runQuery<Row, Values extends readonly unknown[]>(
  connection: pg.Pool | pg.ClientBase,
  query: Query<Row, Values>,
  ...[values]: Given<Values>
): Promise<Rows<Row>> {
  // The one place where rows get their types: they are what the declaration says, which tests prove on real servers.
  const { rows, rowCount } = await connection.query<Row & pg.QueryResultRow>(query.text, values && [...values]);
  observe(query, rows);
  return { rows, rowCount };
}

/** A connection of node-postgres as queries need it. */
export function queryable(client: pg.ClientBase): Queryable {
  return { query: (query, ...given) => runQuery(client, query, ...given) };
}
