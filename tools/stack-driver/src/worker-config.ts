import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const HASH_CLI = new URL('../../../packages/hash-cli/src/main.ts', import.meta.url).pathname;

interface CalendarProviderConfig {
  users: string[];
  credentials: { login: string; password: string }[];
  [key: string]: unknown;
}

/** As much of a `config.json` as scenarios look at. */
export interface WorkerConfig {
  wsPort: number;
  dbConnectionConfig: { host: string; port: number };
  calendarProviders: CalendarProviderConfig[];
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

/**
 * Encrypts a password for a config beside the stack's own, with `tc_calendar --hash_pass` as an administrator does.
 *
 * @throws Error with what the command said when it refused
 */
export async function encryptPassword(stackConfig: string, password: string): Promise<string> {
  const args = ['--conditions=source', HASH_CLI, '--hash_pass', '--config', stackConfig];
  const run = promisify(execFile)(process.execPath, args);
  run.child.stdin?.end(`${password}\n`);
  const { stdout } = await run;
  const encrypted = /^Your encrypted data: (\S+)$/mu.exec(stdout)?.[1];
  if (encrypted === undefined) throw new Error(`tc_calendar gave no encrypted password: ${stdout}`);
  return encrypted;
}
