import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const HASH_CLI = new URL('../../../../packages/hash-cli/src/main.ts', import.meta.url).pathname;

/**
 * Encrypts passwords with `tc_calendar --hash_pass`, as an administrator does, through its standard input.
 *
 * @param configFile beside which the key is kept
 * @returns one value for `config.json` per password, in order
 * @throws Error with what the command said when it refused
 */
export async function hashedPasswords(configFile: string, passwords: readonly string[]): Promise<string[]> {
  const run = promisify(execFile)(process.execPath, [
    '--conditions=source',
    HASH_CLI,
    '--hash_pass',
    '--config',
    configFile,
  ]);
  run.child.stdin?.end(`${passwords.join('\n')}\n`);
  const { stdout } = await run;
  const values = [...stdout.matchAll(/^Your encrypted data: (\S+)$/gmu)].map(([, value = '']) => value);
  if (values.length !== passwords.length)
    throw new Error(`tc_calendar gave ${values.length} values for ${passwords.length} passwords`);
  return values;
}
