import { describe, expect, it } from 'vitest';
import { parseWorkerArguments } from './command-line.ts';

const parse = (argv: string[], env: NodeJS.ProcessEnv = {}) => parseWorkerArguments('launcher', argv, env);

describe('a worker’s command line', () => {
  it('names config and instance', async () => {
    expect(await parse(['--config', '/etc/calendar.json', '--instance', '2'])).toEqual({
      configPath: '/etc/calendar.json',
      instance: 2,
    });
    expect(await parse([], { CALENDAR_CONFIG: '/from/environment.json' })).toEqual({
      configPath: '/from/environment.json',
      instance: 0,
    });
  });

  it('prints help and version instead of starting', async () => {
    expect(await parse(['--help'])).toMatchObject({ print: expect.stringContaining('--instance') });
    expect(await parse(['--version'])).toMatchObject({ print: expect.stringMatching(/^\d+\.\d+\.\d+/u) });
  });

  it.each([
    ['an unknown option', ['--confg', 'x']],
    ['a stray word', ['start']],
    ['a missing value', ['--config']],
    ['two configs', ['--config', 'a', '--config', 'b']],
    ['a number that is none', ['--instance', 'two']],
    ['a fraction', ['--instance', '1.5']],
    ['a negative number', ['--instance=-1']],
    ['two numbers', ['--instance', '1', '--instance', '2']],
    ['a number beyond the ports of the kind', ['--instance', '20']],
  ])('refuses %s in one line', async (_what, argv) => {
    const error = await parse(argv).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      exitCode: 64,
      code: 'usage',
      lines: [expect.stringContaining('see launcher --help')],
    });
  });
});
