import { readFile } from 'node:fs/promises';
import type { DatabaseOptions, Queryable } from 'calendar-db/database';
import { connectionConfig, queryable } from 'calendar-db/testing/sql-database';
import pg from 'pg';
import { fillWithoutTriggers } from './fill.ts';
import { sqlFile } from './sql-file.ts';

/** What an operation made Postgres do: counts, which are the same on any machine. */
export interface Counts {
  /** Of tables, indexes and TOAST that were asked for, from wherever they came. */
  readonly blocks: number;
  /** That all nodes of all plans gave or filtered out, those of functions and triggers included. */
  readonly rows: number;
  /** That were sent. */
  readonly statements: number;
  /** Of the results as JSON: what came to the worker. */
  readonly bytes: number;
}

/** What is measured. Whatever it writes is rolled back. */
export type Operation = (db: Queryable) => Promise<unknown>;

const EXPLAIN_ALL = {
  'auto_explain.log_min_duration': 0,
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
};
const EXPLAIN_NOTHING = { 'auto_explain.log_min_duration': -1 };

/** A few runs fill the caches of session and plans, as in a worker that has run for a while. */
const WARM_UPS = 2;
const MOST_RUNS = 15;
const ENOUGH_MS = 600;

/** One connection of a superuser on which operations are counted and timed. */
export class MeasuredSession {
  readonly client: pg.Client;
  readonly #pid: number;
  readonly #plans: string[] = [];

  private constructor(client: pg.Client, pid: number) {
    this.client = client;
    this.#pid = pid;
    client.on('notice', ({ message = '' }) => {
      if (message.includes('plan:')) this.#plans.push(message);
    });
  }

  static async open(options: DatabaseOptions): Promise<MeasuredSession> {
    const patient = { statement_timeout: 0, query_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
    const client = new pg.Client({ ...connectionConfig(options), ...patient });
    await client.connect();
    await client.query("LOAD 'auto_explain'");
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const session = new MeasuredSession(client, rows[0]!.pid);
    await session.#set(EXPLAIN_NOTHING);
    return session;
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  /** Runs a statement of `tools/bench/sql` without triggers, whose work its rows already hold. */
  async fill(name: string, values: unknown[] = []): Promise<void> {
    await fillWithoutTriggers(this.client, name, values);
  }

  /** What autovacuum would have done after a while. */
  async settle(): Promise<void> {
    await this.client.query('VACUUM ANALYZE');
  }

  /** From now on small tables get the plans of large ones: none is read from end to end where an index serves. */
  async planAsLarge(): Promise<void> {
    await this.#set({ enable_seqscan: 'off' });
    await this.client.query('DISCARD PLANS');
  }

  /** What one run of an operation costs, by counts. */
  async count(operation: Operation): Promise<Counts> {
    await this.#rolledBack(() => operation(queryable(this.client)));
    await this.#set(EXPLAIN_ALL);
    this.#plans.length = 0;
    let statements = 0;
    let bytes = 0;
    const db: Queryable = {
      query: async (query, ...given) => {
        const result = await queryable(this.client).query(query, ...given);
        statements++;
        bytes += JSON.stringify(result.rows).length;
        return result;
      },
    };
    try {
      const blocks = await this.#rolledBack(async () => {
        const before = await this.#blocks();
        await operation(db);
        return (await this.#blocks()) - before;
      });
      // The two statements that count blocks are among the plans.
      const plans = this.#plans.filter((plan) => !plan.includes('pg_stat_get_xact_blocks_fetched'));
      return { blocks, rows: plans.reduce((sum, plan) => sum + rowsOf(plan), 0), statements, bytes };
    } finally {
      await this.#set(EXPLAIN_NOTHING);
    }
  }

  /** The median of the processor time that the backend takes for an operation, milliseconds. */
  async cpuMs(operation: Operation): Promise<number> {
    const figures: number[] = [];
    const until = performance.now() + ENOUGH_MS;
    for (let run = -WARM_UPS; run < MOST_RUNS && (figures.length === 0 || performance.now() < until); run++) {
      const cost = await this.#rolledBack(async () => {
        const before = await cpuOf(this.#pid);
        await operation(queryable(this.client));
        return (await cpuOf(this.#pid)) - before;
      });
      if (run >= 0) figures.push(cost);
    }
    return figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
  }

  async #rolledBack<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.client.query('BEGIN');
    try {
      return await work();
    } finally {
      await this.client.query('ROLLBACK');
    }
  }

  async #blocks(): Promise<number> {
    return (await this.client.query<{ blocks: number }>(sqlFile('count-blocks'))).rows[0]!.blocks;
  }

  async #set(settings: Readonly<Record<string, string | number>>): Promise<void> {
    for (const [name, value] of Object.entries(settings)) await this.client.query(`SET ${name} = '${value}'`);
  }
}

/** Processor time of a process that is asleep, in nanoseconds as the scheduler counts it, given in milliseconds. */
async function cpuOf(pid: number): Promise<number> {
  const [nanoseconds] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
  return Number(nanoseconds) / 1e6;
}

/** Of a node, the average of a loop. */
const ROWS = [
  'Actual Rows',
  'Rows Removed by Filter',
  'Rows Removed by Join Filter',
  'Rows Removed by Index Recheck',
] as const;

type PlanNode = { readonly [Count in (typeof ROWS)[number] | 'Actual Loops']?: number } & {
  readonly Plans?: readonly PlanNode[];
};

function rowsOf(notice: string): number {
  const plan = JSON.parse(notice.slice(notice.indexOf('{'))) as { readonly Plan: PlanNode };
  const count = (node: PlanNode): number =>
    ROWS.reduce((sum, kind) => sum + (node[kind] ?? 0), 0) * (node['Actual Loops'] ?? 1) +
    (node.Plans ?? []).reduce((sum, below) => sum + count(below), 0);
  return count(plan.Plan);
}
