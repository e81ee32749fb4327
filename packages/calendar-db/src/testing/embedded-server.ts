import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseOptions } from '../database/database.ts';
import { embeddedPostgres } from './embedded-postgres.ts';

export interface EmbeddedServer {
  /** How to reach its `postgres` database as its superuser. */
  readonly options: DatabaseOptions;
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres of its own on loopback, with scram passwords and its data in a temporary folder that goes
 * with it. Durability is off: what a power cut does to a test database concerns nobody.
 */
export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'calendar-test-'));
  // As root the server runs under a user of its own, who must be able to pass through.
  await chmod(folder, 0o755);
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  // With these hooks a run with failed tests would end with 0. A signal still stops the server.
  const EmbeddedPostgres = await embeddedPostgres(['beforeExit', 'exit']);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password,
    authMethod: 'scram-sha-256',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'fsync=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=300',
    ],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    options: { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago, below the ephemeral range so that no outgoing connection takes it meanwhile. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error('no free port between 20000 and 32000 on 127.0.0.1');
}
