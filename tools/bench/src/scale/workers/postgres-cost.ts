import { readdir, readFile } from 'node:fs/promises';
import type { SqlDatabase } from 'calendar-db/testing/sql-database';

/** `/proc` counts processor time in hundredths of a second (proc(5), USER_HZ). */
const MS_PER_TICK = 10;

/** What Postgres has done so far, as a whole. */
export interface PostgresCost {
  readonly cpuMs: number;
  readonly statements: number;
  readonly commits: number;
  readonly blocks: number;
}

const COUNTS = `
  SELECT (SELECT sum(calls) FROM pg_stat_statements WHERE dbid = d.oid AND query !~ 'pg_stat_statements')::float8 AS statements,
    s.xact_commit::float8 AS commits, (s.blks_hit + s.blks_read)::float8 AS blocks
  FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid WHERE d.datname = current_database()`;

/** Reads what the server of a measurable stack has cost so far: all of its processes, and what its database counted. */
export async function postgresCost(database: SqlDatabase, postmaster: number): Promise<PostgresCost> {
  const { rows } = await database.query<Omit<PostgresCost, 'cpuMs'> & Record<string, unknown>>(COUNTS);
  return { ...rows[0]!, cpuMs: await familyCpuMs(postmaster) };
}

/** What was done between two readings. */
export function between(before: PostgresCost, after: PostgresCost): PostgresCost {
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    statements: after.statements - before.statements,
    commits: after.commits - before.commits,
    blocks: after.blocks - before.blocks,
  };
}

/** The process of which all others of the server are children. @param backend any of them */
export async function postmasterOf(database: SqlDatabase): Promise<number> {
  const { rows } = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return Number((await statOf(rows[0]!.pid))?.[1]);
}

/** Of a process, of those of its children that have ended, and of those that live. */
async function familyCpuMs(parent: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (pid) => ({ pid, stat: await statOf(pid) })));
  const ticks = stats.map(({ pid, stat }) => {
    if (stat === null) return 0;
    const [user, system, endedUser, endedSystem] = stat.slice(11, 15).map(Number) as [number, number, number, number];
    if (pid === parent) return user + system + endedUser + endedSystem;
    return Number(stat[1]) === parent ? user + system : 0;
  });
  return ticks.reduce((sum, one) => sum + one, 0) * MS_PER_TICK;
}

/** The words of `/proc/PID/stat` from the state on; null when the process has ended. */
async function statOf(pid: number): Promise<string[] | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
