import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { migrate } from 'calendar-db/schema';
import { startEmbeddedServer } from 'calendar-db/testing/embedded-server';
import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { MeasuredSession } from './measured-session.ts';
import { measureOperations, type OperationTable, operationRows, type SizeFigures } from './operation-table.ts';
import { requireResources } from './resources.ts';
import type { ScaleOptions } from './scale-options.ts';
import type { ScaleTable } from './scale-result.ts';

const DATABASE = 'scale';

/**
 * Measures a table of operations, each size in a database of its own, on a Postgres of its own.
 * @throws ResourcesMissingError
 */
export async function measureOperationTable(table: OperationTable, options: ScaleOptions): Promise<ScaleTable> {
  const { name, title, of } = table;
  const sizes = options[of];
  const figures: SizeFigures[] = [];
  for (const size of sizes) {
    await requireResources(`${name} at ${size}`, table.need(size));
    figures.push(await measureAt(table, size, (text) => options.tell(`${name} at ${size}: ${text}`)));
  }
  return { name, title, of, sizes, rows: operationRows(figures) };
}

async function measureAt(table: OperationTable, size: number, tell: (text: string) => void): Promise<SizeFigures> {
  const server = await startEmbeddedServer();
  const admin = new SqlDatabase({ ...server.options, poolSize: 1 });
  const leave = await endWithThisProcess(admin);
  try {
    await admin.query(`CREATE DATABASE ${DATABASE}`);
    await admin.close();
    const database = { ...server.options, database: DATABASE };
    await migrate(database);
    const session = await MeasuredSession.open(database);
    try {
      return await measureOperations(table, session, size, tell);
    } finally {
      await session.close();
    }
  } finally {
    leave();
    await server.stop();
  }
}

/**
 * Sees to it that a server which is in use when this process ends, as by Ctrl-C, ends with it and leaves no data behind.
 * @returns takes that back
 */
async function endWithThisProcess(admin: SqlDatabase): Promise<() => void> {
  const { rows } = await admin.query<{ data: string }>("SELECT current_setting('data_directory') AS data");
  const { data } = rows[0]!;
  const [postmaster] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  const end = () => {
    process.kill(Number(postmaster), 'SIGQUIT');
    rmSync(dirname(data), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  process.once('exit', end);
  return () => {
    process.off('exit', end);
  };
}
