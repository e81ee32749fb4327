import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** As much of a `config.json` as scenarios look at. */
export interface WorkerConfig {
  wsPort: number;
  dbConnectionConfig: { host: string; port: number };
  calendarProviders: { users: string[]; credentials: { login: string; password: string }[]; [key: string]: unknown }[];
  ops: { ports: { syncWorker: number; wsGateway: number; launcher: number } };
  [section: string]: unknown;
}

/**
 * Writes a config for workers beside the stack's own, where the key file is that its passwords were made with.
 *
 * @param change alters a copy of the stack's config
 * @returns the new file
 */
export async function writeWorkerConfig(
  stackConfig: string,
  name: string,
  change: (config: WorkerConfig) => void,
): Promise<string> {
  const config = JSON.parse(await readFile(stackConfig, 'utf8')) as WorkerConfig;
  change(config);
  const file = join(dirname(stackConfig), `config-${name}.json`);
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return file;
}
