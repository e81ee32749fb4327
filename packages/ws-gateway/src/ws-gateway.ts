import { FatalError, type StartedWorker, type WorkerContext, type WorkerDefinition } from 'worker-kit';
import { assemble } from './assemble.ts';
import { PortTakenError, TlsUnusableError } from './transport/listen-errors.ts';

/** The process that shows users their calendars over WebSocket. */
export function wsGateway(): WorkerDefinition {
  return {
    kind: 'ws-gateway',
    sections: ['wsPort', 'gateway', 'trueconfServers', 'productWhitelist', 'privacy', 'cache'],
    needsKey: () => true,
    start,
  };
}

/** @throws FatalError when the port or the certificate cannot be used: waiting does not help there */
async function start(context: WorkerContext): Promise<StartedWorker> {
  try {
    return assemble(context);
  } catch (error) {
    if (!(error instanceof PortTakenError || error instanceof TlsUnusableError)) throw error;
    throw new FatalError('config', error.code, error.message, { cause: error });
  }
}
