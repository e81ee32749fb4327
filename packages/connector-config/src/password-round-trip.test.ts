import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { editedConfig } from './testing/sample-configs.ts';

const passwordCommand = fileURLToPath(new URL('../../hash-cli/src/main.ts', import.meta.url));

/** What a worker does: load the config, find the key, decrypt what it needs. */
const WORKER = `
  import { loadConfig, loadKey, locateKeyFile, resolveConfigPath } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
  const { env } = process;
  const { config, path } = loadConfig(resolveConfigPath({ env }));
  const { key } = loadKey(locateKeyFile({ configPath: path, env }).path);
  console.log(JSON.stringify(config.calendarProviders[0].credentials.map(({ password }) => password.reveal(key))));`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'round-trip-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function node(args: string[], input: string, env: NodeJS.ProcessEnv): string {
  return execFileSync(process.execPath, ['--conditions=source', ...args], {
    input,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

it('a password encrypted by the command is decrypted by another process that has the config and the key', () => {
  const passwords = ['plain', ' с пробелом ', '🔑"quoted"\\', 'x'.repeat(4096)];
  const configPath = join(folder, 'config.json');
  const printed = node([passwordCommand, '--hash_pass', '--config', configPath], passwords.join('\r\n'), {});
  const values = [...printed.matchAll(/^Your encrypted data: (dGNf\S+)$/gm)].map((match) => match[1]);
  expect(values).toHaveLength(passwords.length);
  const credentials = values.map((password, index) => ({ login: `reader${index}`, password }));
  writeFileSync(configPath, editedConfig({ 'calendarProviders.0.credentials': credentials }));

  const worker = ['--input-type=module', '-e', WORKER];
  expect(JSON.parse(node(worker, '', { CALENDAR_CONFIG: configPath }))).toEqual(passwords);
});

it('a key made without a config is found by a worker of the same user', () => {
  const printed = node([passwordCommand, '--hash_pass'], 'hello', {});
  const password = printed.trim().replace('Your encrypted data: ', '');
  const configPath = join(folder, 'config.json');
  writeFileSync(configPath, editedConfig({ 'calendarProviders.0.credentials': [{ login: 'reader', password }] }));
  expect(JSON.parse(node(['--input-type=module', '-e', WORKER], '', { CALENDAR_CONFIG: configPath }))).toEqual([
    'hello',
  ]);
});
