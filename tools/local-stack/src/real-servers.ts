import { type ConnectorConfig, loadConfig } from 'connector-config';
import { makeLogFolder } from './parts/data-folder.ts';
import { isFree, PortTakenError } from './parts/free-port.ts';
import type { Reporter } from './parts/reporter.ts';
import { reportEnd, startWorker, untilReady, WORKERS } from './parts/worker-processes.ts';
import { untilAskedToStop } from './until-asked-to-stop.ts';

/** Runs the three workers against the servers and the database that a real `config.json` names, until asked to stop. */
export async function runAgainstRealServers(
  configFile: string,
  dataFolder: string,
  reporter: Reporter,
): Promise<number> {
  const { config, warnings } = loadConfig(configFile);
  for (const { message } of warnings) reporter.problem(message);
  const logs = await makeLogFolder(dataFolder, { reset: false });
  const { ports, host } = config.ops;
  const ops = { 'sync-worker': ports.syncWorker, 'ws-gateway': ports.wsGateway, launcher: ports.launcher };
  await requireFreePorts(config);
  const stop = untilAskedToStop();
  const workers = WORKERS.map((name) => startWorker(name, configFile, logs));
  try {
    for (const child of workers) {
      const opsUrl = `http://${host}:${ops[child.name as keyof typeof ops]}`;
      await untilReady(child, opsUrl);
      reporter.stage(child.name, `process ${child.pid}, ${opsUrl}`);
    }
    for (const child of workers) reportEnd(child, reporter);
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

/** A worker whose port is taken tries again and again, and what answers there would be taken for it. */
async function requireFreePorts({ wsPort, gateway, ops }: ConnectorConfig): Promise<void> {
  const needed = [
    { key: 'wsPort', host: gateway.host, port: wsPort },
    { key: 'ops.ports.syncWorker', host: ops.host, port: ops.ports.syncWorker },
    { key: 'ops.ports.wsGateway', host: ops.host, port: ops.ports.wsGateway },
    { key: 'ops.ports.launcher', host: ops.host, port: ops.ports.launcher },
  ];
  for (const { key, host, port } of needed) {
    if (!(await isFree(port, host))) throw new PortTakenError(key, host, port);
  }
}
