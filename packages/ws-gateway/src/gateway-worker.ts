import { FatalError, type WorkerDefinition } from 'worker-kit';
import { Gateway } from './gateway.ts';
import { PortTakenError, TlsUnusableError } from './transport/listen-errors.ts';

/** What makes a process a gateway. Call it once per worker. */
export function gatewayWorker(onStarted: (gateway: Gateway) => void = () => undefined): WorkerDefinition {
  let gateway: Gateway | undefined;
  return {
    kind: 'ws-gateway',
    sections: ['wsPort', 'gateway', 'trueconfServers', 'productWhitelist', 'privacy', 'cache'],
    needsKey: () => true,
    start: async (context) => {
      try {
        gateway = new Gateway(context);
        const services = gateway.start();
        onStarted(gateway);
        return services;
      } catch (error) {
        if (!(error instanceof PortTakenError || error instanceof TlsUnusableError)) throw error;
        throw new FatalError('config', error.code, error.message, { cause: error });
      }
    },
    reload: async (_context, next) => gateway?.configure(next.config),
  };
}
