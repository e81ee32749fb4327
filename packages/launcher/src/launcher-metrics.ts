import type { MetricsRegistry } from 'worker-kit';

/** What Prometheus is told about conferences. */
export type LauncherMetrics = ReturnType<typeof launcherMetrics>;

export function launcherMetrics(registry: MetricsRegistry) {
  return {
    startLateness: registry.histogram({
      name: 'calendar_conference_start_lateness_seconds',
      help: 'From the moment a conference was due to the request that started it.',
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 1800],
    }),
    steps: registry.counter({
      name: 'calendar_conference_steps_total',
      help: 'Steps carried out, by what they led to; "again" means that it is tried again.',
      labelNames: ['server', 'step', 'result'],
    }),
    setAsideEvents: registry.gauge({
      name: 'calendar_planner_set_aside_events',
      help: 'Events that could not be planned; they are tried again, and their conferences are not started.',
    }),
    serverAway: registry.gauge({
      name: 'calendar_trueconf_server_away',
      help: '1 while a TrueConf Server does not answer or refuses the application.',
      labelNames: ['server'],
    }),
  };
}
