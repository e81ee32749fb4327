import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { until } from 'stack-driver';

/**
 * Kills (-9) the server process behind a connection of ours: Postgres takes that for memory gone bad, throws everybody
 * out and starts over with crash recovery. Resolves when it takes connections again.
 */
export async function crashPostgres({ options }: SqlDatabase): Promise<void> {
  const victim = new SqlDatabase({ ...options, poolSize: 1 });
  const session = async () => (await victim.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
  const killed = await session();
  process.kill(killed, 'SIGKILL');
  await until('Postgres has recovered', async () => ((await session()) === killed ? undefined : true));
  await victim.close();
}
