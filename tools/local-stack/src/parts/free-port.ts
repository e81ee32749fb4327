import { createServer } from 'node:net';

/** No preferred port, and none of its followers, is free. */
class NoFreePortError extends Error {
  readonly code = 'local-stack-no-free-port';

  constructor(from: number, to: number) {
    super(`all ports from ${from} to ${to} on 127.0.0.1 are taken; stop something that uses one of them`);
    this.name = new.target.name;
  }
}

/** Something listens on a port that `config.json` gives to a worker. */
export class PortTakenError extends Error {
  readonly code = 'local-stack-port-taken';

  constructor(key: string, host: string, port: number) {
    super(`cannot listen on ${host}:${port}; end what listens there, or change ${key} in the config`);
    this.name = new.target.name;
  }
}

const TRIED = 50;

/**
 * The preferred port if nobody listens there on any of this machine's addresses, else the next free one. Ports are
 * below 32768, where no outgoing connection takes one meanwhile.
 *
 * @throws NoFreePortError when fifty in a row are taken
 */
export async function freePort(preferred: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = preferred; port < preferred + TRIED; port++) {
    if (!taken.has(port) && (await isFree(port, '127.0.0.1')) && (await isFree(port, '0.0.0.0'))) return port;
  }
  throw new NoFreePortError(preferred, preferred + TRIED - 1);
}

/** Whether nothing listens on a port of one of this machine's addresses. */
export function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
