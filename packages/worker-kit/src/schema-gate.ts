import type { Queryable } from 'calendar-db/database';
import { readSchemaStatus } from 'calendar-db/schema';
import { FatalError } from './fatal-error.ts';
import type { HealthCheck } from './health.ts';
import type { Logger } from './log.ts';
import type { RunningState } from './running-state.ts';
import { TroubleLog } from './trouble-log.ts';

const SCHEMA = 'schema';

/**
 * Waits until the database can be reached and has a schema that this build can use.
 * @param everyMs between looks
 * @returns false when the worker was stopped meanwhile
 * @throws FatalError (schema) when the schema is newer and breaking, or from before the baseline
 */
export async function waitForSchema(
  database: Queryable,
  running: RunningState,
  log: Logger,
  check: HealthCheck,
  everyMs: number,
): Promise<boolean> {
  const troubles = new TroubleLog(log);
  while (running.shouldRun()) {
    let missing: string | undefined;
    try {
      missing = await missingSchema(database);
      running.resetBackoff();
    } catch (error) {
      check.unready('the database cannot be reached');
      await running.backoff(error);
      continue;
    }
    if (missing === undefined) {
      check.ok();
      const message = 'the schema that this build needs is there';
      troubles.end(SCHEMA, () => ({ level: 'info', event: 'schema.found', message }));
      return true;
    }
    check.unready(missing);
    troubles.begin(SCHEMA, missing, { level: 'warn', event: 'schema.missing', message: missing });
    await running.sleep(everyMs);
  }
  return false;
}

/**
 * What an operator must do before this build can use the schema; undefined when it can.
 * @throws FatalError (schema) when the schema is newer and breaking, or from before the baseline, else the database's error
 */
export async function missingSchema(database: Queryable): Promise<string | undefined> {
  const { state, version, expected } = await readSchemaStatus(database);
  switch (state) {
    case 'missing':
      return 'the database has no calendar schema yet; run "calendarctl migrate"';
    case 'older':
      return `the database has schema ${version} and this build wants ${expected}; run "calendarctl migrate"`;
    case 'functionsOlder':
      return 'the functions in the database are those of another build; run "calendarctl migrate" with this one';
    case 'beforeBaseline': {
      const line = `the database has schema ${version} of a development build, which this build cannot use; drop it (DROP SCHEMA calendar CASCADE), then run "calendarctl migrate", or start the local stack with "pnpm start --reset"`;
      throw new FatalError('schema', 'schema-before-baseline', line);
    }
    case 'newerBreaking': {
      const line = `the database has schema ${version}, which this build (schema ${expected}) cannot use; install the newer build`;
      throw new FatalError('schema', 'schema-newer', line);
    }
    default:
      return undefined;
  }
}
