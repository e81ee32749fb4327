import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const main = fileURLToPath(new URL('main.ts', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tc-calendar-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(args: string[]): ChildProcess {
  const env = { ...process.env, HOME: folder };
  return spawn(process.execPath, ['--conditions=source', main, ...args], { cwd: packageFolder, env, stdio: 'pipe' });
}

async function finish(child: ChildProcess) {
  child.stdin?.end();
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  return { code: await closed, stdout, stderr };
}

describe('tc_calendar as a process', () => {
  it('wipes its command line before it does anything, and repeats no password anywhere', async () => {
    // More output than pipes hold: the process is still there, writing, while its command line is read.
    const passwords = Array.from({ length: 300 }, (_, index) => `Hunter2-${index}-`.padEnd(3000, 'x'));
    const child = start(['--config', join(folder, 'config.json'), '--hash_pass', ...passwords]);
    const commandLine = () => readFileSync(`/proc/${child.pid}/cmdline`, 'latin1');
    if (existsSync('/proc/self/cmdline')) {
      await vi.waitFor(() => expect(commandLine()).toMatch(/^tc_calendar\0/), { timeout: 10_000 });
      expect(commandLine()).not.toContain('Hunter2');
      expect(commandLine().replaceAll('\0', '')).toBe('tc_calendar');
    }
    const { code, stdout, stderr } = await finish(child);
    expect(code).toBe(0);
    expect(stdout.match(/^Your encrypted data: dGNf\S+$/gm)).toHaveLength(300);
    expect(stdout + stderr).not.toContain('Hunter2');
  });

  it('has nothing before the statement that wipes it: imports would run first', () => {
    const statements = readFileSync(main, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('//'));
    expect(statements[0]).toBe("process.title = 'tc_calendar';");
    expect(statements.filter((line) => /^import /.test(line))).toEqual([]);
  });

  it('prints its version, its help, and mistakes with their exit code', async () => {
    expect(await finish(start(['--version']))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
    expect(await finish(start(['--help']))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--hash_pass'),
      stderr: '',
    });
    expect(await finish(start(['--hash_pass', '-Hunter2']))).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.not.stringContaining('Hunter2'),
    });
    expect(await finish(start(['--hash_pass']))).toMatchObject({ code: 1, stdout: '' });
  });
});
