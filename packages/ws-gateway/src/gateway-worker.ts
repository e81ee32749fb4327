import type { WorkerDefinition } from 'worker-kit';
import { Gateway } from './gateway.ts';

/** What makes a process a gateway. Call it once per worker. */
export function gatewayWorker(onStarted: (gateway: Gateway) => void = () => undefined): WorkerDefinition {
  let gateway: Gateway | undefined;
  return {
    kind: 'ws-gateway',
    sections: ['wsPort', 'gateway', 'trueconfServers', 'productWhitelist', 'privacy', 'cache'],
    needsKey: () => true,
    start: async (context) => {
      gateway = new Gateway(context);
      const services = gateway.start();
      onStarted(gateway);
      return services;
    },
    reload: async (_context, next) => gateway?.configure(next.config),
  };
}
