import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encryptPassword } from './encrypted-password.ts';
import { createKey, loadKey } from './key-file.ts';
import { KeyAccessError, KeyExistsError, KeyFormatError, KeyLostError, KeyMissingError } from './secret-errors.ts';
import { SecretKey } from './secret-key.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-file-'));
  path = join(folder, 'secret.key');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('createKey', () => {
  it('writes a key that loads again, for its owner only', () => {
    const key = createKey(path);
    const loaded = loadKey(path);
    expect(loaded.key.id).toBe(key.id);
    expect(loaded.warnings).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    expect(readdirSync(folder)).toEqual(['secret.key']);
  });

  it('never touches a key that is there', () => {
    createKey(path);
    const before = readFileSync(path, 'utf8');
    expect(() => createKey(path)).toThrow(KeyExistsError);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['secret.key']);
  });

  it('lets one of several processes win, and nobody read half a key', async () => {
    const script = `
      import { createKey, loadKey } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      try { createKey(process.argv[1]); console.log('created', loadKey(process.argv[1]).key.id); }
      catch (error) { if (error.code !== 'key-exists') throw error; console.log('found', loadKey(process.argv[1]).key.id); }`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, path]);
    const results = (await Promise.all(Array.from({ length: 6 }, run))).map(({ stdout }) => stdout.trim().split(' '));
    expect(results.filter(([what]) => what === 'created')).toHaveLength(1);
    expect(new Set(results.map(([, id]) => id)).size).toBe(1);
  });

  it('shares an installed key with the folder’s group when root creates it', () => {
    createKey(path, { installed: true });
    expect(statSync(path).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o640 : 0o600);
    expect(statSync(path).gid).toBe(statSync(folder).gid);
    expect(loadKey(path).warnings).toEqual([]);
  });

  it('refuses when the config already holds values of a key that is gone', () => {
    const lost = SecretKey.generate();
    const config = join(folder, 'config.json');
    writeFileSync(config, `{ "password": "${encryptPassword('x', lost)}" }`);
    expect(() => createKey(path, { configPaths: [config] })).toThrow(KeyLostError);
    expect(() => createKey(path, { configPaths: [config] })).toThrow(new RegExp(lost.id));
    expect(readdirSync(folder)).toEqual(['config.json']);
  });

  it('is not held up by a config that is missing or has only values of the vendor', () => {
    const config = join(folder, 'config.json');
    writeFileSync(
      config,
      `{ "password": "${Buffer.from('tc_0123456789abcdef').toString('base64')}", "other": "dGNf" }`,
    );
    createKey(path, { configPaths: [config, join(folder, 'none.json')] });
    expect(loadKey(path).key.id).toMatch(/^[0-9a-f]{8}$/);
  });

  it('makes a missing folder only when told to', () => {
    const deep = join(folder, 'a', 'b', 'secret.key');
    expect(() => createKey(deep)).toThrow(KeyAccessError);
    expect(readdirSync(folder)).toEqual([]);
    createKey(deep, { makeFolder: true });
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
    expect(loadKey(deep).warnings).toEqual([]);
  });
});

describe('loadKey', () => {
  it('names the command that creates a missing key', () => {
    expect(() => loadKey(path)).toThrow(KeyMissingError);
    expect(() => loadKey(path)).toThrow(/tc_calendar --hash_pass/);
  });

  it.each([
    ['an empty file', '', 'nothing'],
    ['a key of 16 bytes', Buffer.alloc(16).toString('base64'), '16 bytes'],
    ['hex digits', Buffer.alloc(32).toString('hex'), '48 bytes'],
    ['some other text', 'not a key at all', 'not base64'],
    ['two lines', `${Buffer.alloc(32).toString('base64')}\n${Buffer.alloc(32).toString('base64')}\n`, 'not base64'],
    ['a file that is far too long', 'x'.repeat(5000), '5000 bytes'],
  ])('refuses %s without repeating it', (_name, text, found) => {
    writeFileSync(path, text);
    expect(() => loadKey(path)).toThrow(KeyFormatError);
    expect(() => loadKey(path)).toThrow(found);
    if (text)
      expect(() => loadKey(path)).toThrow(expect.objectContaining({ message: expect.not.stringContaining(text) }));
  });

  it('reads a key that went through an editor of Windows', () => {
    const bytes = Buffer.alloc(32, 3);
    writeFileSync(path, `${bytes.toString('base64')}\r\n`);
    expect(loadKey(path).key.id).toBe(new SecretKey(bytes).id);
  });

  it('does not wait at a pipe for a key that never comes', () => {
    execFileSync('mkfifo', [path]);
    expect(() => loadKey(path)).toThrow(/not a regular file/);
  });

  it('refuses a folder, and says so of a file that cannot be opened', () => {
    mkdirSync(path);
    expect(() => loadKey(path)).toThrow(KeyFormatError);
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    expect(() => loadKey(loop)).toThrow(KeyAccessError);
    expect(() => loadKey(loop)).toThrow(/ELOOP/);
  });

  it.each([
    [0o400, undefined],
    [0o440, undefined],
    [0o640, undefined],
    [0o644, /everybody on this machine may read.*mode 644/],
    [0o660, /the whole group may change.*mode 660/],
    [0o666, /everybody on this machine may change.*mode 666/],
  ])('warns of a file that is too open (mode %o)', (mode, warning) => {
    createKey(path);
    chmodSync(path, mode);
    // An ordinary user may not read a file of another; its own it may, in all of these modes.
    expect(loadKey(path).warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
  });
});
