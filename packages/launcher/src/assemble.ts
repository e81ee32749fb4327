import { hostname } from 'node:os';
import { readConferenceSalt } from 'calendar-db/conferences';
import type { Service, StartedWorker, WorkerContext } from 'worker-kit';
import { launcherMetrics } from './launcher-metrics.ts';
import { OverdueWatch } from './overdue-watch.ts';
import { Planner } from './planner/planner.ts';
import { Planning } from './planner/planning.ts';
import { SetAsideEvents } from './planner/set-aside-events.ts';
import { LocalRunner } from './runner/local-runner.ts';
import { OutcomeWriter } from './runner/outcome-writer.ts';
import { ServerFleet } from './server-fleet.ts';

/**
 * Wires the launcher: the planner, the runners, and what watches over them.
 *
 * @throws FatalError when a TrueConf Server's secret or certificates cannot be read
 */
export async function assemble(context: WorkerContext): Promise<StartedWorker> {
  const { database, clock, log, running, listener, health, instance, workerId: owner } = context;
  const salt = await readConferenceSalt(database);
  await clock.refresh();
  const actor = `${hostname()}/${instance}`;
  const config = () => context.config;
  const conferences = () => context.config.conferences;
  const metrics = launcherMetrics(context.metrics);
  const writer = new OutcomeWriter({ database, running, log, owner, actor });
  const fleet = new ServerFleet({ context, salt, owner, writer, metrics });
  const useServers = fleet.prepare(context.config);
  const { version } = context.registry.entry;
  const planning = new Planning({
    ...{ database, config, log, actor },
    onQuestions: () => fleet.wakeResolvers(),
    onSetAside: () => setAside.wake(),
  });
  const planner = new Planner({ database, config, running, log, version, planning });
  const setAside = new SetAsideEvents({ database, config, running, log, version, planning, health, metrics });
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
  useServers();
  return {
    services: [planner, setAside, localService, fleet, watch],
    prepareReload: (next) => {
      const useNext = fleet.prepare(next.config);
      return () => {
        useNext();
        wakeAll();
      };
    },
  };
}
