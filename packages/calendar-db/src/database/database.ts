import pg from 'pg';
import { type Given, type Query, type Queryable, queryable, type Rows, runQuery } from './query.ts';

export interface DatabaseOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Empty: the server must know us by peer or by a password file, never by `trust`. */
  readonly password: string;
  readonly database: string;
  readonly ssl?: boolean | { readonly ca?: string; readonly rejectUnauthorized?: boolean };
  /** Most connections at a time; 5 where it is absent. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`, so that an administrator can tell the workers apart. */
  readonly applicationName?: string;
}

/** A writer that stands still inside a transaction holds everybody up; Postgres throws it out after this. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Our own patience: the server's timeouts do not reach us over a connection that has fallen silent. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
const LOCK_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection that a burst of work needed closes when it was not used for so long. */
const IDLE_CLOSE_MS = 10_000;
/** Dates as node-pg reads them whatever the server's taste, and no server-side patience with clients that vanished. */
const SESSION_SETTINGS = {
  DateStyle: 'ISO',
  TimeZone: 'UTC',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  // Our queries take milliseconds; compiling one costs Postgres hundreds where it was built with JIT, as in Debian.
  jit: 'off',
};

/**
 * The calendar database as one process uses it: a pool whose sessions cannot stop the house. Opening does not connect.
 */
export class CalendarDatabase implements Queryable {
  readonly options: DatabaseOptions;
  protected readonly pool: pg.Pool;

  constructor(options: DatabaseOptions) {
    this.options = options;
    this.pool = new pg.Pool({
      ...connectionConfig(options),
      max: options.poolSize ?? 5,
      idleTimeoutMillis: IDLE_CLOSE_MS,
    });
    // An idle connection that Postgres closes is replaced by the next query; without a listener it would end the process.
    this.pool.on('error', () => undefined);
  }

  query<Row, Values extends readonly unknown[]>(
    query: Query<Row, Values>,
    ...given: Given<Values>
  ): Promise<Rows<Row>> {
    return runQuery(this.pool, query, ...given);
  }

  /** Runs `work` in one transaction; rolls back and rethrows when it fails. */
  async transaction<Result>(work: (client: Queryable) => Promise<Result>): Promise<Result> {
    return this.inTransaction((client) => work(queryable(client)));
  }

  protected async inTransaction<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // A pool does not listen to a client that it lent: one that Postgres ends between two queries would end the process.
    const onLost = (error: Error) => {
      broken = error;
    };
    client.on('error', onLost);
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off('error', onLost);
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** Settings of one connection, shared by the pool and the listener. */
export function connectionConfig(options: DatabaseOptions): pg.ClientConfig {
  return {
    host: options.host,
    port: options.port,
    user: options.user,
    database: options.database,
    ...(options.password === '' ? {} : { password: options.password }),
    ssl: options.ssl === true ? {} : (options.ssl ?? false),
    options: Object.entries(SESSION_SETTINGS)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    application_name: options.applicationName ?? 'trueconf-calendar',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  };
}
