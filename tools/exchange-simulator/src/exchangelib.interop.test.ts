import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExchangeSimulator, startExchangeSimulator } from './start-exchange-simulator.ts';
import { control } from './testing/fixture.ts';

/** Debian's own interpreter: python3-exchangelib belongs to it, and it need not be the first python3 of the PATH. */
const PYTHON = '/usr/bin/python3';
const STORY = fileURLToPath(new URL('../interop/exchangelib_story.py', import.meta.url));

let simulator: ExchangeSimulator;

beforeAll(async () => {
  simulator = await startExchangeSimulator();
  await control(simulator, 'POST', '/seed', {
    mailboxes: [
      { address: 'anna@corp.example', displayName: 'Anna', password: 'demo', aliases: ['a.adams@corp.example'] },
      { address: 'boris@corp.example', displayName: 'Boris', password: 'demo' },
      { address: 'blue@corp.example', displayName: 'Blue room', room: true },
    ],
    lists: [
      { address: 'team@corp.example', members: ['boris@corp.example', 'all@corp.example', 'eva@partner.example'] },
      { address: 'all@corp.example', members: ['team@corp.example'] },
      { address: 'rooms@corp.example', members: ['blue@corp.example'], roomList: true },
    ],
    accounts: [
      { login: 'svc', password: 'secret', impersonates: 'all' },
      { login: 'outsider', password: 'secret' },
    ],
  });
});

afterAll(() => simulator.close());

async function run(script: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(PYTHON, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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

test('unpatched exchangelib reads, creates, updates, deletes, syncs and answers', async () => {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: apt-get install python3 python3-exchangelib`);
  const { code, output } = await run(STORY, simulator.ewsUrl);
  expect(output).toMatch(/^done$/m);
  expect(code, output).toBe(0);
});
