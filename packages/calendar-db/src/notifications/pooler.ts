import pg from 'pg';
import { connectionConfig, type DatabaseOptions } from '../database/database.ts';
import { defineQuery, runQuery } from '../database/query.ts';

const sql = { session: defineQuery('notifications/session', { row: { pid: 'integer' } }) };

/** What stands between us and Postgres, and what follows from it. */
interface PoolerFinding {
  /**
   * `none`: Postgres itself answers. `session`: a pooler that leaves each client its own session. `transaction`: one
   * that hands sessions around. `refusing`: one that does not let clients set their session.
   */
  readonly kind: 'none' | 'session' | 'transaction' | 'refusing';
  /** What is wrong and what to do; null when it can be worked with. */
  readonly problem: string | null;
}

/**
 * Finds out whether a connection pooler stands before the database that cannot be worked with: behind one that hands
 * sessions around, LISTEN hears nothing and session settings are lost.
 *
 * A pooler cannot pass on the cancel key of a Postgres session as its own, which gives it away; that two clients who are
 * connected at the same time meet the same Postgres session, or one client two of them, tells how it works.
 *
 * @throws the database's error when it cannot be reached
 */
export async function detectPooler(database: DatabaseOptions): Promise<PoolerFinding> {
  const where = `${database.host}:${database.port}`;
  const first = clientFor(database);
  const second = clientFor(database);
  try {
    await first.connect();
    const before = await sessionOf(first);
    if (before === first.processID) return { kind: 'none', problem: null };
    await second.connect();
    await second.query('BEGIN');
    const other = await sessionOf(second);
    const after = await sessionOf(first);
    if (before === after && before !== other) return { kind: 'session', problem: null };
    return {
      kind: 'transaction',
      problem: `${where} is a connection pooler in transaction mode, behind which LISTEN hears nothing: name Postgres itself or a pool in session mode (database.listen is for the listening connection alone)`,
    };
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('unsupported startup parameter')) throw error;
    return {
      kind: 'refusing',
      problem: `${where} is a connection pooler that does not let clients set their session (${error.message}): name Postgres itself, or let the pooler pass on these settings`,
    };
  } finally {
    await Promise.all([first.end(), second.end()]);
  }
}

function clientFor(database: DatabaseOptions): pg.Client & { readonly processID: number | null } {
  const client = new pg.Client(connectionConfig(database));
  client.on('error', () => undefined);
  return client as pg.Client & { readonly processID: number | null };
}

async function sessionOf(client: pg.Client): Promise<number> {
  const { rows } = await runQuery(client, sql.session);
  return rows[0]?.pid ?? 0;
}
