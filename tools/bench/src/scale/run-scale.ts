import { watchMachine } from '../machine.ts';
import { measureOperationTable } from './measure-table.ts';
import type { OperationTable } from './operation-table.ts';
import type { ScaleOptions } from './scale-options.ts';
import { problemsOf, type ScaleResult, type ScaleTable } from './scale-result.ts';
import { CONFERENCES } from './tables/conferences.ts';
import { eventsTable } from './tables/events.ts';
import { PEOPLE } from './tables/people.ts';
import { REGISTRY } from './tables/registry.ts';
import { measureBloatTable } from './workers/bloat-table.ts';
import { measureFleetTable } from './workers/fleet-table.ts';
import { measurePassTable } from './workers/pass-table.ts';
import { measureSyncTable } from './workers/sync-table.ts';

/** As the planner reads them. */
const PLANNER_PAGE = 200;

const operations = (table: OperationTable) => (options: ScaleOptions) => measureOperationTable(table, options);

const TABLES: Readonly<Record<string, (options: ScaleOptions) => Promise<ScaleTable>>> = {
  events: operations(eventsTable(PLANNER_PAGE)),
  people: operations(PEOPLE),
  registry: operations(REGISTRY),
  conferences: operations(CONFERENCES),
  pass: measurePassTable,
  sync: measureSyncTable,
  fleet: measureFleetTable,
  bloat: measureBloatTable,
};

/** Names of the tables, in the order in which they are measured. */
export const SCALE_TABLES: readonly string[] = Object.keys(TABLES);

/**
 * How the cost of what the connector does grows with mailboxes, events, people of a meeting and conferences: by processor
 * time and by counts of statements, blocks and rows, never by the clock. A table that could not be measured, as for want of
 * memory or disk, is among the problems.
 */
export async function runScale(options: ScaleOptions): Promise<ScaleResult> {
  const machine = watchMachine();
  const tables: ScaleTable[] = [];
  const problems: string[] = [];
  for (const name of options.tables) {
    try {
      const table = await TABLES[name]!(options);
      tables.push(table);
      problems.push(...problemsOf(table));
    } catch (error) {
      // What was measured before, for half an hour perhaps, is worth being shown.
      problems.push(`${name} could not be measured: ${(error as Error).message}`);
    }
  }
  const { mailboxes, events, people, conferences, seconds, changes } = options;
  const sizes = Object.entries({ mailboxes, events, people, conferences }).map(([name, some]) => [
    name,
    some.join(', '),
  ]);
  return {
    bench: 'scale',
    machine: machine(),
    setting: { ...Object.fromEntries(sizes), 'seconds of each watch': seconds, 'changed copies a minute': changes },
    tables,
    problems,
  };
}
