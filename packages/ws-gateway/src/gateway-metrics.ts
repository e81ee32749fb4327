import type { MetricsRegistry } from 'worker-kit';
import type { Hub } from './connections/hub.ts';

/** What the gateway counts. */
export class GatewayMetrics {
  readonly pushes;
  readonly pushedEvents;
  readonly resyncs;
  readonly latency;
  readonly requests;
  readonly closes;
  readonly signIns;

  /** @param behindSeconds for how long known changes were not read */
  constructor(registry: MetricsRegistry, hub: Hub, behindSeconds: () => number) {
    this.pushes = registry.counter({ name: 'calendar_gateway_pushes_total', help: 'updateEvents pushes sent' });
    this.pushedEvents = registry.counter({
      name: 'calendar_gateway_pushed_events_total',
      help: 'Events and removals in those pushes',
    });
    this.resyncs = registry.counter({ name: 'calendar_gateway_resyncs_total', help: 'Clients told to start over' });
    this.latency = registry.histogram({
      name: 'calendar_gateway_delivery_seconds',
      help: 'From the oldest change of a push to its sending, by the database clock',
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
    });
    this.requests = registry.counter({
      name: 'calendar_gateway_requests_total',
      help: 'Requests of clients',
      labelNames: ['method', 'outcome'],
    });
    this.closes = registry.counter({
      name: 'calendar_gateway_closes_total',
      help: 'Sockets that ended, by close code',
      labelNames: ['code'],
    });
    this.signIns = registry.counter({
      name: 'calendar_gateway_sign_ins_total',
      help: 'Requests of the token endpoint',
      labelNames: ['outcome'],
    });
    const gauge = (name: string, help: string, read: () => number) =>
      registry.gauge({
        name,
        help,
        collect() {
          this.set(read());
        },
      });
    const subscriptions = () => [...hub].flatMap(({ subscription }) => subscription ?? []);
    const dirty = () => subscriptions().reduce((total, { size }) => total + size, 0);
    gauge('calendar_gateway_sockets', 'Open sockets', () => hub.size);
    gauge('calendar_gateway_subscriptions', 'Subscribed sockets', () => subscriptions().length);
    gauge('calendar_gateway_dirty_events', 'Changed events that wait for their sockets', dirty);
    gauge('calendar_gateway_log_behind_seconds', 'For how long known changes were not read', behindSeconds);
  }
}
