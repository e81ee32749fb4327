import { describe, expect, it } from 'vitest';
import { resolveConfigPath } from './config-path.ts';

describe('resolveConfigPath', () => {
  it('takes --config before CALENDAR_CONFIG before the installed config', () => {
    const env = { CALENDAR_CONFIG: '/env/config.json' };
    expect(resolveConfigPath({ config: '/arg/config.json', env, platform: 'linux' })).toBe('/arg/config.json');
    expect(resolveConfigPath({ env, platform: 'linux' })).toBe('/env/config.json');
    expect(resolveConfigPath({ env: {}, platform: 'linux' })).toBe('/opt/trueconf/calendar/etc/calendar/config.json');
    expect(resolveConfigPath({ env: {}, platform: 'win32' })).toBe(
      'C:\\Program Files\\TrueConf\\Calendar\\config.json',
    );
  });

  it('takes a relative path from where the command was typed', () => {
    expect(resolveConfigPath({ config: 'my.json', env: {} })).toBe(`${process.cwd()}/my.json`);
    const env = { INIT_CWD: '/home/ann', npm_package_json: `${process.cwd()}/package.json` };
    expect(resolveConfigPath({ config: 'my.json', env })).toBe('/home/ann/my.json');
  });
});
