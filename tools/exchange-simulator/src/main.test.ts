import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(...args: string[]) {
  const started = spawn(process.execPath, ['--conditions=source', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(started);
  const output = { stdout: '', stderr: '' };
  started.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output.stdout += chunk;
  });
  started.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output.stderr += chunk;
  });
  const exit = new Promise<number | null>((resolve) => started.once('close', resolve));
  return { started, output, exit };
}

test('one JSON line tells where it listens; a second one on that port says so; SIGTERM ends it with a client connected', async () => {
  const { started, output, exit } = start('--json');
  await expect.poll(() => output.stdout, { timeout: 15_000 }).toMatch(/\n$/);
  const ready = JSON.parse(output.stdout) as { ready: boolean; controlUrl: string; ewsUrl: string; port: number };
  expect(ready).toMatchObject({ ready: true, ewsUrl: `http://127.0.0.1:${ready.port}/EWS/Exchange.asmx` });
  const second = start('--port', String(ready.port));
  expect(await second.exit).toBe(1);
  expect(second.output.stderr).toMatch(/^exchange-simulator cannot start: .*EADDRINUSE.*\n$/);
  expect((await fetch(`${ready.controlUrl}/health`)).status).toBe(200);
  started.kill('SIGTERM');
  expect(await exit).toBe(0);
  expect(output.stdout.trim().split('\n')).toHaveLength(1);
});

test('an unknown option is named and nothing starts', async () => {
  const { output, exit } = start('--prot', '1');
  expect(await exit).toBe(1);
  expect(output.stderr).toContain('prot');
});
