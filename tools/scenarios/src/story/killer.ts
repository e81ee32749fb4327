import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import { until, type WorkerProcess } from 'stack-driver';
import type { KillLog } from './kill-log.ts';

/** Something that a worker has in hand. */
export interface Catch {
  readonly worker: WorkerProcess;
  readonly caught: string;
  /** Whether the worker still has it in hand, unconfirmed. */
  readonly inHand: () => Promise<boolean>;
}

export interface KillerOptions {
  /** Looks for a worker with something in hand. */
  readonly look: () => Promise<Catch | undefined>;
  /** Between a worker's return and the next kill. */
  readonly pauseMs: number;
  /** Readies the ground for the next kill. */
  readonly prepare?: () => Promise<void>;
  readonly log: KillLog;
  readonly database: SqlDatabase;
}

const LOOK_EVERY_MS = 6;

/** Kills workers that have something in hand, one after the other, each started again before the next, until told to stop. */
export async function killAgainAndAgain(options: KillerOptions, signal: AbortSignal): Promise<void> {
  const { look, pauseMs, prepare, log, database } = options;
  while (!signal.aborted) {
    await prepare?.();
    const found = await freezeInTheAct(look, signal);
    if (found === undefined) return;
    const { worker, caught, inHand } = found;
    await worker.kill();
    const { name, instance } = worker.place;
    await sessionsEnd(database, `trueconf-calendar ${name} ${instance}`);
    log.add({ worker: name, instance, caught, between: await inHand() });
    worker.restart();
    await worker.ready();
    await pause(pauseMs, signal);
  }
}

/** Finds a worker with something in hand and halts it, so that it cannot get done before it is killed. */
async function freezeInTheAct(look: KillerOptions['look'], signal: AbortSignal): Promise<Catch | undefined> {
  while (!signal.aborted) {
    const found = await look();
    if (found !== undefined) {
      found.worker.freeze();
      if (await found.inHand()) return found;
      found.worker.thaw();
    }
    await pause(LOOK_EVERY_MS, signal);
  }
  return undefined;
}

const SESSIONS = 'SELECT FROM pg_stat_activity WHERE starts_with(application_name, $1)';

/** A statement that was on its way when its sender died is still carried out: only then it is clear what was confirmed. */
function sessionsEnd(database: SqlDatabase, application: string): Promise<true> {
  const gone = async () => ((await database.query(SESSIONS, [application])).rowCount === 0 ? true : undefined);
  return until(`the sessions of ${application} end`, gone, { everyMs: 5 });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
  });
}
