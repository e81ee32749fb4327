import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invocationFolder } from './invocation-folder.ts';
import { locateKeyFile } from './locate-key-file.ts';

let folder: string;
let home: string;
let configPath: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'locate-key-'));
  home = join(folder, 'home');
  configPath = join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

function touch(path: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
  return path;
}

describe('locateKeyFile', () => {
  it('takes CALENDAR_KEY_FILE before the systemd credential before the config’s neighbour', () => {
    const credential = touch(join(folder, 'credentials', 'calendar-key'));
    const systemd = { HOME: home, CREDENTIALS_DIRECTORY: join(folder, 'credentials') };
    const named = { ...systemd, CALENDAR_KEY_FILE: '/elsewhere/the.key' };
    expect(locateKeyFile({ configPath, env: named })).toMatchObject({
      path: '/elsewhere/the.key',
      source: 'environment',
    });
    expect(locateKeyFile({ configPath, env: systemd })).toMatchObject({ path: credential, source: 'systemd' });
    expect(locateKeyFile({ configPath, env: { HOME: home } })).toEqual({
      path: join(folder, 'secret.key'),
      source: 'beside-config',
      installed: false,
    });
  });

  it('passes over a credentials folder of systemd that holds no calendar-key', () => {
    const env = { HOME: home, CREDENTIALS_DIRECTORY: folder };
    expect(locateKeyFile({ configPath, env }).source).toBe('beside-config');
  });

  it('uses the user’s configuration folder without a config', () => {
    expect(locateKeyFile({ env: { HOME: '/home/ann' }, platform: 'linux' }).path).toBe(
      '/home/ann/.config/trueconf-calendar/secret.key',
    );
    expect(locateKeyFile({ env: { HOME: '/home/ann', XDG_CONFIG_HOME: '/cfg' }, platform: 'linux' }).path).toBe(
      '/cfg/trueconf-calendar/secret.key',
    );
    expect(locateKeyFile({ env: { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming' }, platform: 'win32' }).path).toBe(
      'C:\\Users\\ann\\AppData\\Roaming\\TrueConf Calendar\\secret.key',
    );
  });

  it('lets a worker of the same user find the key made without a config, but creates beside the config', () => {
    const user = touch(join(home, '.config/trueconf-calendar/secret.key'));
    expect(locateKeyFile({ configPath, env: { HOME: home } }).path).toBe(user);
    expect(locateKeyFile({ configPath, env: { HOME: home }, purpose: 'create' }).path).toBe(join(folder, 'secret.key'));
    touch(join(folder, 'secret.key'));
    expect(locateKeyFile({ configPath, env: { HOME: home } }).path).toBe(join(folder, 'secret.key'));
  });

  it('knows an installed tree, where the user’s folder never counts', () => {
    touch(join(home, '.config/trueconf-calendar/secret.key'));
    const installed = locateKeyFile({
      configPath: '/opt/trueconf/calendar/etc/calendar/config.json',
      env: { HOME: home },
    });
    expect(installed).toEqual({
      path: '/opt/trueconf/calendar/etc/calendar/secret.key',
      source: 'beside-config',
      installed: true,
    });
    const windows = locateKeyFile({
      configPath: 'c:\\program files\\trueconf\\calendar\\config.json',
      env: {},
      platform: 'win32',
    });
    expect(windows).toMatchObject({ path: 'c:\\program files\\trueconf\\calendar\\secret.key', installed: true });
    expect(
      locateKeyFile({ configPath: '/opt/trueconf/calendar-test/config.json', env: { HOME: folder } }).installed,
    ).toBe(false);
  });
});

describe('invocationFolder', () => {
  it('is the user’s folder, not the package’s, in a script of the package manager', () => {
    const env = { INIT_CWD: '/home/ann', npm_package_json: '/repo/packages/hash-cli/package.json' };
    expect(invocationFolder(env, '/repo/packages/hash-cli')).toBe('/home/ann');
  });

  it('is the working folder of anything that such a script started elsewhere', () => {
    const env = { INIT_CWD: '/home/ann', npm_package_json: '/repo/package.json' };
    expect(invocationFolder(env, '/tmp')).toBe('/tmp');
    expect(invocationFolder({}, '/tmp')).toBe('/tmp');
  });
});
