import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Reporter } from '../parts/reporter.ts';
import { type Stack, startStack } from '../stack.ts';
import { untilAskedToStop } from '../until-asked-to-stop.ts';
import { checkDroppedTrigger } from './check-dropped-trigger.ts';
import { checkOneEvent, type EventFigures } from './check-one-event.ts';
import { checkSockets } from './check-sockets.ts';
import { SmokeError } from './smoke-error.ts';
import { type CacheFigures, untilAllCached } from './until-all-cached.ts';

/** With nothing but NOTIFY to tell the workers of a change, and Exchange asked five times a second. */
const SETTINGS = { reset: true, seed: true, pollSeconds: 0.2, safetyPollMs: 0 };

/**
 * Proves the whole way of an event once, on a stack of its own: saved in Exchange, seen by clients, its conference
 * started; moved; called off. Prints one line of JSON.
 *
 * @returns the exit code
 */
export async function runSmoke(repository: string): Promise<number> {
  const folder = join(repository, '.local', `smoke-${process.pid}`);
  const interrupted = untilAskedToStop().then(() => {
    throw new SmokeError('interrupted');
  });
  let stack: Stack | undefined;
  try {
    const started = startStack({ folder, ...SETTINGS }, new Reporter(true));
    stack = await Promise.race([
      started,
      interrupted.catch(async (error: unknown) => {
        await (await started.catch(() => undefined))?.stop();
        throw error;
      }),
    ]);
    const figures = await Promise.race([prove(stack), interrupted]);
    await endCleanly(stack);
    stack = undefined;
    await rm(folder, { recursive: true, force: true });
    console.log(JSON.stringify({ ok: true, ...figures }));
    return 0;
  } catch (error) {
    await stack?.stop().catch(() => undefined);
    console.log(JSON.stringify({ ok: false, reason: (error as Error).message, logs: join(folder, 'logs') }));
    return 1;
  } finally {
    process.stdin.destroy();
  }
}

async function prove(stack: Stack): Promise<EventFigures & CacheFigures> {
  const cache = await untilAllCached(stack.admin);
  const event = await checkOneEvent(stack);
  await checkSockets(stack);
  await checkDroppedTrigger(stack);
  return { ...event, ...cache };
}

/** Every worker drains and leaves with exit code 0, and no process is left. */
async function endCleanly(stack: Stack): Promise<void> {
  const exits = [...stack.workers.values()].map(async (child) => ({
    name: child.name,
    pid: child.pid,
    code: await child.stop(),
  }));
  for (const { name, code } of await Promise.all(exits)) {
    if (code !== 0) throw new SmokeError(`${name} left with ${code} instead of draining`);
  }
  await stack.stop();
  for (const { name, pid } of await Promise.all(exits)) {
    if (isAlive(pid)) throw new SmokeError(`${name} (process ${pid}) is still running`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
