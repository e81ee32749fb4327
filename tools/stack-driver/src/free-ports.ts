import { createServer } from 'node:net';

/** No row of free ports was found. */
class NoFreePortsError extends Error {
  readonly code = 'stack-driver-no-free-ports';

  constructor(count: number) {
    super(`no ${count} neighbouring ports on 127.0.0.1 are free between 21000 and 31000`);
    this.name = new.target.name;
  }
}

/**
 * The first of `count` neighbouring ports that were free a moment ago; workers of one kind listen on a base port plus
 * their instance. Below 32768, where no outgoing connection takes one meanwhile.
 *
 * @throws NoFreePortsError
 */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 21_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, n) => isFree(first + n)));
    if (free.every(Boolean)) return first;
  }
  throw new NoFreePortsError(count);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
