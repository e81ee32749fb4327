import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

function start(...args: string[]) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const started = spawn(process.execPath, ['--conditions=source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  return started;
}

test('says in one JSON line where it is, and leaves on SIGTERM', async () => {
  const started = start('--json', '--server-id', 'one.example');
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  const ready = JSON.parse(line.toString()) as { url: string; controlUrl: string };
  expect(ready).toMatchObject({ ready: true, serverId: 'one.example', pid: started.pid });
  const server = await fetch(`${ready.url}/api/v4/server`);
  expect(await server.json()).toMatchObject({ product: { display_name: 'one.example' } });
  started.kill('SIGTERM');
  expect(await once(started, 'exit')).toEqual([0, null]);
});

test('names the seed file that it cannot read', async () => {
  const started = start('--seed', '/nonexistent/seed.json');
  const [line] = (await once(started.stderr, 'data')) as [Buffer];
  expect(line.toString()).toContain('/nonexistent/seed.json');
  expect(await once(started, 'exit')).toEqual([1, null]);
});
