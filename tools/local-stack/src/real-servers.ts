import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from 'connector-config';
import type { Reporter } from './parts/reporter.ts';
import { startWorker, untilReady, WORKERS } from './parts/worker-processes.ts';
import { untilAskedToStop } from './until-asked-to-stop.ts';

/** Runs the three workers against the servers and the database that a real `config.json` names, until asked to stop. */
export async function runAgainstRealServers(
  configFile: string,
  dataFolder: string,
  reporter: Reporter,
): Promise<number> {
  const { config, warnings } = loadConfig(configFile);
  for (const { message } of warnings) reporter.problem(message);
  const logs = join(dataFolder, 'logs');
  await mkdir(logs, { recursive: true });
  const { ports, host } = config.ops;
  const ops = { 'sync-worker': ports.syncWorker, 'ws-gateway': ports.wsGateway, launcher: ports.launcher };
  const stop = untilAskedToStop();
  const workers = WORKERS.map((name) => startWorker(name, configFile, logs));
  try {
    for (const child of workers) {
      const opsUrl = `http://${host}:${ops[child.name as keyof typeof ops]}`;
      await untilReady(child, opsUrl);
      reporter.stage(child.name, `process ${child.pid}, ${opsUrl}`);
    }
    reporter.ready({
      ready: true,
      pid: process.pid,
      gateway: `ws://127.0.0.1:${config.wsPort}/websocket/calendar`,
      ops,
      logs,
    });
    reporter.line(`\n  clients      port ${config.wsPort}\n  logs         ${logs}\n\nCtrl-C ends everything.`);
    await stop;
  } finally {
    await Promise.all(workers.map((child) => child.stop()));
  }
  return 0;
}
