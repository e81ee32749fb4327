import { readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const MIB = 2 ** 20;

/** The machine has not enough memory or disk for a table at a size. */
class ResourcesMissingError extends Error {
  readonly code = 'bench-resources-missing';

  constructor(what: string, neededMib: number, freeMib: number, where: string) {
    super(
      `${what} needs about ${Math.ceil(neededMib)} MiB of ${where}, and ${Math.floor(freeMib)} MiB are free: ` +
        'free some, or give smaller sizes',
    );
    this.name = new.target.name;
  }
}

/** What a table at a size takes beside what the machine holds already. */
export interface Need {
  readonly memoryMib: number;
  readonly diskMib: number;
}

/**
 * Makes sure that a measurement does not fill the machine's memory or disk.
 * @param what the table and its size, for people @throws ResourcesMissingError
 */
export async function requireResources(what: string, { memoryMib, diskMib }: Need): Promise<void> {
  const folder = tmpdir();
  const { bavail, bsize } = await statfs(folder);
  const diskFree = (bavail * bsize) / MIB;
  if (diskFree < diskMib) throw new ResourcesMissingError(what, diskMib, diskFree, `disk in ${folder}`);
  const available = /^MemAvailable:\s+(\d+) kB$/mu.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
  const memoryFree = Number(available) / 1024;
  if (memoryFree < memoryMib) throw new ResourcesMissingError(what, memoryMib, memoryFree, 'memory');
}
