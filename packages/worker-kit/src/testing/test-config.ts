import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseOptions } from 'calendar-db/database';
import { encryptPassword, loadKey, type SecretKey } from 'connector-config';

export interface TestConfig {
  /** `config.json` in a folder of its own, with `secret.key` beside it. */
  readonly path: string;
  readonly folder: string;
  readonly key: SecretKey;
  /** Encrypts a password for a section given to `write`. */
  encrypt(clear: string): string;
  /** Writes the file again, with these sections instead of those given before. */
  write(sections: Record<string, unknown>): void;
  remove(): void;
}

/**
 * Writes a whole config that leads to `database`, with one provider that nobody answers for and free ops ports.
 * @param sections top-level keys as they would be written in the file; they replace the made ones
 */
export async function writeTestConfig(
  database: DatabaseOptions,
  sections: Record<string, unknown> = {},
): Promise<TestConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'calendar-config-'));
  const keyPath = join(folder, 'secret.key');
  writeFileSync(keyPath, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const { key } = loadKey(keyPath);
  const path = join(folder, 'config.json');
  const made = await madeSections(database, key);
  const config: TestConfig = {
    path,
    folder,
    key,
    encrypt: (clear) => encryptPassword(clear, key),
    write: (given) => writeFileSync(path, JSON.stringify({ ...made, ...given }, null, 2)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  config.write(sections);
  return config;
}

async function madeSections(database: DatabaseOptions, key: SecretKey): Promise<Record<string, unknown>> {
  const { host, port, user, password, database: name } = database;
  const [syncWorker, wsGateway, launcher, wsPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  return {
    wsPort,
    dbConnectionConfig: {
      host,
      port,
      user,
      database: name,
      password: password === '' ? '' : encryptPassword(password, key),
    },
    calendarProviders: [
      {
        type: 'ews',
        host: 'exchange.invalid',
        credentials: [{ login: 'service', password: encryptPassword('unused', key) }],
        users: ['anna@corp.example'],
      },
    ],
    ops: { ports: { syncWorker, wsGateway, launcher } },
  };
}

/** A port of 127.0.0.1 that was free just now, below those that the system gives to outgoing connections. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 11_900);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error('no free port between 20000 and 31900 on 127.0.0.1');
}
