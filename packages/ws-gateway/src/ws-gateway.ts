import { FatalError, type WorkerContext, type WorkerDefinition } from 'worker-kit';
import { type AssembledGateway, assemble } from './assemble.ts';
import { PortTakenError, TlsUnusableError } from './transport/listen-errors.ts';

/** The process that shows users their calendars over WebSocket. */
export function wsGateway(): WorkerDefinition {
  let gateway: AssembledGateway | undefined;
  return {
    kind: 'ws-gateway',
    sections: ['wsPort', 'gateway', 'trueconfServers', 'productWhitelist', 'privacy', 'cache'],
    needsKey: () => true,
    start: async (context) => {
      gateway = start(context);
      return gateway.services;
    },
    reload: async (_context, next) => gateway?.prepareReload(next)(),
  };
}

/** @throws FatalError when the port or the certificate cannot be used: waiting does not help there */
function start(context: WorkerContext): AssembledGateway {
  try {
    return assemble(context);
  } catch (error) {
    if (!(error instanceof PortTakenError || error instanceof TlsUnusableError)) throw error;
    throw new FatalError('config', error.code, error.message, { cause: error });
  }
}
