import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { readConferenceSalt } from 'calendar-db/conferences';
import { type ConnectorConfig, type SecretKey, usableServers } from 'connector-config';
import { describeError, FatalError, type Service, type StartedWorker, type WorkerContext } from 'worker-kit';
import { launcherMetrics } from './launcher-metrics.ts';
import { OverdueWatch } from './overdue-watch.ts';
import { Planner } from './planner/planner.ts';
import { LocalRunner } from './runner/local-runner.ts';
import { OutcomeWriter } from './runner/outcome-writer.ts';
import { ServerFleet } from './server-fleet.ts';

/**
 * Wires the launcher: the planner, the runners, and what watches over them.
 *
 * @throws FatalError when a TrueConf Server's secret or certificates cannot be read
 */
export async function assemble(context: WorkerContext): Promise<StartedWorker> {
  checkServers(context.config, () => context.key);
  const { database, clock, log, running, listener, health, instance, workerId: owner } = context;
  const salt = await readConferenceSalt(database);
  await clock.refresh();
  const actor = `${hostname()}/${instance}`;
  const config = () => context.config;
  const conferences = () => context.config.conferences;
  const metrics = launcherMetrics(context.metrics);
  const writer = new OutcomeWriter({ database, running, log, owner, actor });
  const fleet = new ServerFleet({ context, salt, owner, writer, metrics });
  const { version } = context.registry.entry;
  const onQuestions = () => fleet.wakeResolvers();
  const planner = new Planner({ database, config, running, log, actor, version, onQuestions });
  const local = new LocalRunner({
    ...{ database, clock, running, log, owner, salt, conferences, writer },
    onMoved: () => fleet.wake(),
  });
  const wakeAll = () => {
    planner.wake();
    local.wake();
    fleet.wake();
  };
  listener.onChange(wakeAll);
  listener.onConnected(wakeAll);
  const localService: Service = { id: 'local runner', run: () => local.run(), stop: () => local.stop() };
  const watch = new OverdueWatch(database, fleet, health, running, log);
  return {
    services: [planner, localService, fleet, watch],
    prepareReload: (next) => {
      checkServers(next.config, () => context.key);
      return () => {
        fleet.take(next.config);
        wakeAll();
      };
    },
  };
}

/** @throws FatalError when a server's secret or certificates cannot be read: waiting does not help there */
function checkServers(config: ConnectorConfig, key: () => SecretKey): void {
  for (const server of usableServers(config)) {
    try {
      server.clientSecret.reveal(key());
      if (server.tls.ca !== undefined) readFileSync(server.tls.ca);
    } catch (error) {
      if (error instanceof FatalError) throw error;
      const { code, message } = describeError(error);
      throw new FatalError('config', String(code), `TrueConf Server ${server.serverId}: ${message}`, { cause: error });
    }
  }
}
