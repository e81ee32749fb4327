import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Debian's own interpreter: python3-exchangelib belongs to it, and it need not be the first python3 of the PATH. */
const PYTHON = '/usr/bin/python3';

/**
 * Runs a story of `interop/` to its end.
 *
 * @returns its exit code and all that it printed
 * @throws when Debian's Python is missing, naming the package
 */
export async function runExchangelib(
  story: string,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: apt-get install python3 python3-exchangelib`);
  const script = fileURLToPath(new URL(`../../interop/${story}`, import.meta.url));
  const child = spawn(PYTHON, ['-B', script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, output };
}
