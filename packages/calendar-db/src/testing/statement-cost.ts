import pg from 'pg';
import { connectionConfig, type DatabaseOptions } from '../database/database.ts';

/** What a statement and all that it calls and triggers cost. Counts, which are the same on every machine; never times. */
export interface StatementCost {
  /** Rows that all nodes of all plans gave, or read and threw away. */
  readonly rows: number;
  /** Blocks that they read, of tables, indexes and temporary files. Those of a called function count twice. */
  readonly blocks: number;
}

/** A statement, by its text or as the declared query of that name below `sql/`. */
export interface MeasuredStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Run before it in the same transaction, uncounted. */
  readonly before?: string;
}

/**
 * Runs a statement with a generic plan, as a prepared one has it, and takes back what it wrote. It is run twice and counted
 * once, so that what a session reads of the catalogues at first does not count.
 */
export async function statementCost(options: DatabaseOptions, statement: MeasuredStatement): Promise<StatementCost> {
  const client = new pg.Client(connectionConfig(options));
  await client.connect();
  try {
    await client.query("LOAD 'auto_explain'");
    for (const [setting, value] of Object.entries(SETTINGS)) await client.query(`SET ${setting} = ${value}`);
    const plans: string[] = [];
    await run(client, statement, () => undefined);
    client.on('notice', ({ message = '' }) => {
      if (message.includes('"Plan"')) plans.push(message.slice(message.indexOf('{')));
    });
    await run(client, statement, () => plans.splice(0));
    const counted = plans.splice(0).map((plan) => JSON.parse(plan) as { readonly Plan: PlanNode });
    return {
      rows: counted.reduce((sum, { Plan }) => sum + rowsOf(Plan), 0),
      blocks: counted.reduce((sum, { Plan }) => sum + blocksOf(Plan), 0),
    };
  } finally {
    await client.end();
  }
}

async function run(
  client: pg.Client,
  { text, values = [], before }: MeasuredStatement,
  begins: () => void,
): Promise<void> {
  await client.query('BEGIN');
  try {
    if (before !== undefined) await client.query(before);
    begins();
    await client.query({ name: 'measured', text, values: [...values] });
  } finally {
    await client.query('ROLLBACK');
  }
}

const SETTINGS = {
  'auto_explain.log_min_duration': 0,
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
  client_min_messages: 'notice',
  plan_cache_mode: 'force_generic_plan',
};

interface PlanNode {
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly 'Temp Read Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

function rowsOf(node: PlanNode): number {
  const each =
    (node['Actual Rows'] ?? 0) +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return each * (node['Actual Loops'] ?? 1) + (node.Plans ?? []).reduce((sum, below) => sum + rowsOf(below), 0);
}

function blocksOf(root: PlanNode): number {
  return (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0) + (root['Temp Read Blocks'] ?? 0);
}
