import { mkdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/** The Postgres of another local stack runs on the data folder. */
class FolderInUseError extends Error {
  readonly code = 'local-stack-folder-in-use';

  constructor(folder: string, pid: string) {
    super(
      `another local stack uses the folder ${folder} (its Postgres is process ${pid}); ` +
        'end that stack, or take another folder with --data',
    );
    this.name = new.target.name;
  }
}

/** The data folder cannot be made or written. */
class DataFolderError extends Error {
  readonly code = 'local-stack-data-folder';

  constructor(folder: string, cause: NodeJS.ErrnoException) {
    super(`cannot write the data folder ${folder} (${cause.code}); take another one with --data`, { cause });
    this.name = new.target.name;
  }
}

/**
 * @param reset forget what an earlier run left in the folder
 * @returns the folder of the logs, which exists now
 * @throws DataFolderError
 */
export async function makeLogFolder(folder: string, { reset }: { readonly reset: boolean }): Promise<string> {
  const logs = join(folder, 'logs');
  try {
    if (reset) await rm(folder, { recursive: true, force: true });
    await mkdir(logs, { recursive: true });
  } catch (error) {
    throw new DataFolderError(folder, error as NodeJS.ErrnoException);
  }
  return logs;
}

/**
 * Postgres protects a data folder that is in use from a second Postgres, but not from being removed.
 *
 * @param folder of the stack, with the data of Postgres in `postgres/data`
 * @throws FolderInUseError
 */
export async function requireUnusedFolder(folder: string): Promise<void> {
  const file = join(folder, 'postgres', 'data', 'postmaster.pid');
  const [pid = '', , , port = ''] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  // A Postgres that was killed leaves the file behind.
  if (pid !== '' && (await answers(Number(port)))) throw new FolderInUseError(folder, pid);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
