import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createKey, decryptPassword, encryptPassword, loadKey, SecretKey } from 'secrets';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runHashCommand } from './hash-command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hash-command-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type RunOptions = { input?: string | Buffer; env?: NodeJS.ProcessEnv };

async function run(args: string[], { input = '', env = {} }: RunOptions = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const code = await runHashCommand(args, { stdin, stdout, stderr, env: { HOME: folder, ...env } });
  return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) };
}

/** What the printed values decrypt to. */
function decrypted(stdout: string, keyPath = join(folder, 'secret.key')): string[] {
  const { key } = loadKey(keyPath);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => decryptPassword(line.replace(/^Your encrypted data: /, ''), key));
}

const config = () => ['--config', join(folder, 'config.json')];

describe('passwords from a pipe', () => {
  it.each([
    ['one per line', 'one\ntwo\n', ['one', 'two']],
    ['without an end of the last line', 'one\ntwo', ['one', 'two']],
    ['with the line ends of Windows', 'one\r\ntwo\r\n', ['one', 'two']],
    ['with blanks and other alphabets kept', ' пароль 密\n', [' пароль 密']],
    ['that look like options', '--help\n-x\n', ['--help', '-x']],
  ])('%s', async (_name, input, expected) => {
    const { code, stdout, stderr } = await run(['--hash_pass', ...config()], { input });
    expect(code).toBe(0);
    expect(decrypted(stdout)).toEqual(expected);
    expect(stderr).not.toContain('history');
  });

  it.each([
    ['nothing', '', /stdin is empty/],
    ['an empty line', 'one\n\ntwo\n', /password 2: the password is empty/],
    ['a NUL character', 'on\0e\n', /password 1: .*NUL/],
    ['other bytes than text', Buffer.from([0xff, 0xfe, 0x41]), /not UTF-8/],
    ['a very long line', 'x'.repeat(5000), /password 1: .*5000 bytes long; at most 4096/],
    ['a flood', 'x\n'.repeat(600_000), /more than 1048576 bytes/],
  ])('%s is refused, and nothing is printed', async (_name, input, reason) => {
    const { code, stdout, stderr } = await run(['--hash_pass', ...config()], { input });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(reason);
  });
});

describe('passwords as arguments', () => {
  it('print one line each, in order, and nothing else on stdout', async () => {
    const { code, stdout } = await run([...config(), '--hash_pass', 'p1', 'с пробелом', '007', 'x'.repeat(4096)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(Your encrypted data: dGNf[A-Za-z0-9+/]+=*\n){4}$/);
    expect(decrypted(stdout)).toEqual(['p1', 'с пробелом', '007', 'x'.repeat(4096)]);
  });

  it('warn once that the shell remembers them', async () => {
    const { stderr } = await run([...config(), '--hash_pass', 'p1', 'p2', 'p3']);
    expect(stderr.match(/history/g)).toHaveLength(1);
  });

  it('are all refused when one is, naming which', async () => {
    const { code, stdout, stderr } = await run([...config(), '--hash_pass', 'good', '']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/password 2: the password is empty/);
  });
});

describe('the prompt', () => {
  /** A terminal at which somebody types each answer when asked. */
  async function type(...answers: string[]) {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let shown = '';
    stderr.on('data', (chunk) => {
      shown += chunk;
    });
    const done = runHashCommand(['--hash_pass', ...config()], { stdin, stdout, stderr, env: { HOME: folder } });
    for (const [index, answer] of answers.entries()) {
      await vi.waitFor(() => expect(shown.match(/: $/) && shown.match(/(Password|again): /g)).toHaveLength(index + 1));
      stdin.write(answer);
    }
    return { code: await done, stdout: await text(stdout.end()), shown };
  }

  it('asks twice, shows nothing of the password and lets it be edited', async () => {
    const { code, stdout, shown } = await type('pä sx\x7f\r', 'pä s\r');
    expect(code).toBe(0);
    expect(decrypted(stdout)).toEqual(['pä s']);
    expect(shown).not.toContain('pä');
    expect(shown).not.toContain('history');
  });

  it('refuses two that differ', async () => {
    expect(await type('one\r', 'two\r')).toMatchObject({
      code: 1,
      stdout: '',
      shown: expect.stringContaining('differ'),
    });
  });

  it('refuses an empty one at once', async () => {
    expect(await type('\r')).toMatchObject({ code: 1, stdout: '', shown: expect.stringContaining('empty') });
  });

  it('ends with 130 on Ctrl-C and with 1 on Ctrl-D, creating nothing', async () => {
    expect(await type('one\r', '\x03')).toMatchObject({ code: 130, stdout: '' });
    expect(await type('\x04')).toMatchObject({ code: 1, stdout: '', shown: expect.stringContaining('ended') });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the key file', () => {
  it('is created beside the config once, and told on stderr each time', async () => {
    const first = await run([...config(), '--hash_pass', 'x']);
    expect(first.stderr).toContain(`Created the key file ${join(folder, 'secret.key')}`);
    const before = readFileSync(join(folder, 'secret.key'), 'utf8');
    const second = await run([...config(), '--hash_pass', 'x']);
    expect(second.stderr).toContain(`Key file: ${join(folder, 'secret.key')}`);
    expect(readFileSync(join(folder, 'secret.key'), 'utf8')).toBe(before);
    expect(decrypted(first.stdout + second.stdout)).toEqual(['x', 'x']);
  });

  it('stands in the user’s configuration folder without a config, and stderr says what that means', async () => {
    const { stdout, stderr } = await run(['--hash_pass', 'x']);
    expect(decrypted(stdout, join(folder, '.config/trueconf-calendar/secret.key'))).toEqual(['x']);
    expect(stderr).toMatch(/--config FILE to have the key beside it/);
  });

  it('is the one that --key-file, CALENDAR_KEY_FILE or CALENDAR_CONFIG name', async () => {
    const named = join(folder, 'a.key');
    expect(decrypted((await run(['--key-file', named, '--hash_pass', 'x'])).stdout, named)).toEqual(['x']);
    const env = { CALENDAR_KEY_FILE: named };
    expect(decrypted((await run([...config(), '--hash_pass', 'y'], { env })).stdout, named)).toEqual(['y']);
    await run(['--hash_pass', 'z'], { env: { CALENDAR_CONFIG: join(folder, 'config.json') } });
    expect(readdirSync(folder).sort()).toEqual(['a.key', 'secret.key']);
  });

  it('is not created when the config holds values of one that is gone', async () => {
    const lost = SecretKey.generate();
    writeFileSync(join(folder, 'config.json'), `{"password": "${encryptPassword('x', lost)}"}`);
    const { code, stdout, stderr } = await run([...config(), '--hash_pass', 'y']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(new RegExp(`key ${lost.id}.*restore`));
    expect(readdirSync(folder)).toEqual(['config.json']);
  });

  it('that is damaged, or in a folder that is not there, is an error', async () => {
    writeFileSync(join(folder, 'secret.key'), 'rubbish');
    expect(await run([...config(), '--hash_pass', 'y'])).toMatchObject({ code: 3, stdout: '' });
    const astray = await run(['--config', join(folder, 'none/config.json'), '--hash_pass', 'y']);
    expect(astray).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('ENOENT') });
    expect(readdirSync(folder)).toEqual(['secret.key']);
  });

  it('gets a warning when everybody may read it', async () => {
    createKey(join(folder, 'secret.key'));
    const { chmodSync } = await import('node:fs');
    chmodSync(join(folder, 'secret.key'), 0o644);
    expect((await run([...config(), '--hash_pass', 'y'])).stderr).toMatch(/Warning: .*too open/);
  });
});

it('tells wrong arguments by exit code 2', async () => {
  expect(await run(['hello'])).toMatchObject({ code: 2, stdout: '' });
  expect(await run([])).toMatchObject({ code: 2, stdout: '' });
});
