import { FatalError, type StartedWorker, type WorkerContext, type WorkerDefinition } from 'worker-kit';
import { Gateway } from './gateway.ts';
import { PortTakenError, TlsUnusableError } from './transport/listen-errors.ts';

/** The process that serves calendars to clients. @param onStarted for tests: called with the gateway once it listens */
export function wsGateway(onStarted: (gateway: Gateway) => void = () => undefined): WorkerDefinition {
  return {
    kind: 'ws-gateway',
    sections: ['wsPort', 'gateway', 'trueconfServers', 'productWhitelist', 'privacy', 'cache'],
    needsKey: () => true,
    start: async (context) => startGateway(context, onStarted),
  };
}

function startGateway(context: WorkerContext, onStarted: (gateway: Gateway) => void): StartedWorker {
  try {
    const gateway = new Gateway(context);
    const services = gateway.start();
    onStarted(gateway);
    return { services, prepareReload: (next) => () => gateway.configure(next.config) };
  } catch (error) {
    if (!(error instanceof PortTakenError || error instanceof TlsUnusableError)) throw error;
    throw new FatalError('config', error.code, error.message, { cause: error });
  }
}
