import type pg from 'pg';
import { CalendarDatabase } from '../database/database.ts';
import { type Given, type Query, type Queryable, type Rows, runQuery } from '../database/query.ts';

export { connectionConfig } from '../database/database.ts';
export { queryable } from '../database/query.ts';

/** What takes SQL besides declared queries. */
export interface SqlQueryable extends Queryable {
  query<Row, Values extends readonly unknown[]>(query: Query<Row, Values>, ...given: Given<Values>): Promise<Rows<Row>>;
  /** Runs any SQL; nothing checks that its rows are of the type that is given. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

/** The calendar database for tests and tools, which look at tables and change them with SQL of their own. */
export class SqlDatabase extends CalendarDatabase implements SqlQueryable {
  override query<Row, Values extends readonly unknown[]>(
    query: Query<Row, Values>,
    ...given: Given<Values>
  ): Promise<Rows<Row>>;
  override query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
  override query(query: string | AnyQuery, values?: unknown[]): Promise<AnyRows> {
    return run(this.pool, query, values);
  }

  /** Runs `work` in one transaction; rolls back and rethrows when it fails. */
  override transaction<Result>(work: (client: SqlQueryable) => Promise<Result>): Promise<Result> {
    return this.inTransaction((client) => work(new SqlClient(client)));
  }
}

class SqlClient implements SqlQueryable {
  readonly #client: pg.ClientBase;

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  query<Row, Values extends readonly unknown[]>(query: Query<Row, Values>, ...given: Given<Values>): Promise<Rows<Row>>;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
  query(query: string | AnyQuery, values?: unknown[]): Promise<AnyRows> {
    return run(this.#client, query, values);
  }
}

type AnyQuery = Query<unknown, readonly unknown[]>;
type AnyRows = Rows<unknown> | pg.QueryResult<pg.QueryResultRow>;

function run(connection: pg.Pool | pg.ClientBase, query: string | AnyQuery, values: unknown[] = []): Promise<AnyRows> {
  return typeof query === 'string' ? connection.query(query, values) : runQuery(connection, query, values);
}
