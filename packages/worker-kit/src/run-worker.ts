import { parseWorkerArguments } from './command-line.ts';
import { EXIT_CODES, FatalError } from './fatal-error.ts';
import { loadConfigOrFail } from './load-config-or-fail.ts';
import { createLogger, type Logger } from './log.ts';
import { Worker } from './worker.ts';
import type { WorkerDefinition } from './worker-definition.ts';

/**
 * The whole life of a worker's process; its `main.ts` only calls this. Signals: SIGTERM or SIGINT drains, a second one
 * drops what is left, SIGHUP reads the config again. A reader that closes our standard output drains as well.
 *
 * The process ends with a code of `EXIT_CODES`, or, when work had to be dropped, by the very signal that asked for it, so
 * that whoever sent it sees the difference.
 */
export async function runWorker(
  definition: WorkerDefinition,
  argv: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const outlet: { worker?: Worker } = {};
  const early = createLogger({ fields: { worker: definition.kind } });
  exitOnCrash(early);
  try {
    const given = await parseWorkerArguments(definition.kind, argv, env);
    if ('print' in given) {
      process.stdout.write(`${given.print}\n`);
      return;
    }
    const loaded = loadConfigOrFail(given.configPath);
    const { level, format } = loaded.config.log;
    const fields = { worker: definition.kind, instance: given.instance };
    const log = createLogger({ level, format, fields, onBroken: () => outlet.worker?.stop() });
    for (const warning of loaded.warnings) log.warn(`config.${warning.code}`, warning.message);
    const worker = new Worker(definition, loaded, { instance: given.instance, env, log });
    outlet.worker = worker;
    worker.context.metrics.addProcessMetrics();
    const signals = followSignals(worker);
    const clean = await worker.run();
    if (!clean) dieBy(signals.last());
    process.exit(EXIT_CODES.clean);
  } catch (error) {
    leave(error, early);
  }
}

/** One entry for each line of what is wrong, then the exit code that belongs to it. */
function leave(error: unknown, log: Logger): never {
  if (!(error instanceof FatalError)) {
    log.fatal('worker.crashed', 'a defect ended this process', { error });
    process.exit(EXIT_CODES.crash);
  }
  for (const line of error.lines) log.fatal(error.code, line, { exitCode: error.exitCode });
  process.exit(error.exitCode);
}

function exitOnCrash(log: Logger): void {
  // Unhandled rejections arrive here too (Node's default since version 15).
  process.on('uncaughtException', (error) => leave(error, log));
}

function followSignals(worker: Worker): { last: () => NodeJS.Signals } {
  let last: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (last === undefined) worker.stop();
    else worker.abort();
    last = signal;
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGHUP', () => void worker.reload());
  return { last: () => last ?? 'SIGTERM' };
}

/** Ends by the signal itself, as if it had never been caught. */
function dieBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
