import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { readiness } from '../parts/worker-processes.ts';
import type { Stack } from '../stack.ts';
import { until } from './until.ts';

/** Each worker looks at the triggers every half a minute. */
const PATIENCE_MS = 60_000;

/** Without one of its triggers the database no longer tells of changes: the gateway must say that it is not ready. */
export async function checkDroppedTrigger({ admin, addresses }: Stack): Promise<void> {
  const gateway = addresses.ops['ws-gateway'];
  await until('the gateway is ready', async () => ((await readiness(gateway))?.ready ? true : undefined), PATIENCE_MS);
  const database = new SqlDatabase({ ...admin, poolSize: 1 });
  try {
    await database.query('DROP TRIGGER event_updated ON calendar.event');
    await until(
      'the gateway turns unready without a trigger',
      async () => ((await readiness(gateway))?.ready === false ? true : undefined),
      PATIENCE_MS,
    );
  } finally {
    await database.close();
  }
}
