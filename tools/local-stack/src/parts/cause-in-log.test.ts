import { describe, expect, it } from 'vitest';
import { causeInLog } from './cause-in-log.ts';

const entry = (level: string, message: string, error?: object) => JSON.stringify({ level, message, error });

describe('causeInLog', () => {
  it('joins what was logged as fatal, whatever came after it', () => {
    const lines = [
      entry('error', 'away'),
      entry('fatal', 'wrong port'),
      entry('fatal', 'no users'),
      entry('info', 'end'),
    ];
    expect(causeInLog(lines)).toBe('wrong port; no users');
  });

  it('adds the error that was logged with the message', () => {
    const lines = [entry('fatal', 'a defect ended this process', { message: 'x is not a function', stack: 'at f' })];
    expect(causeInLog(lines)).toBe('a defect ended this process: x is not a function');
  });

  it('reads the log for people as it reads JSON', () => {
    expect(causeInLog(['[10:00:00.000] FATAL: the key file is missing', '    exitCode: 77'])).toBe(
      'the key file is missing',
    );
  });

  it('prefers the error that Node printed to an entry of a lesser level', () => {
    const printed = [
      'node:internal/modules/package_json_reader:314',
      '  throw new ERR_MODULE_NOT_FOUND(packageName);',
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'pg'",
      '    at packageResolve (node:internal/modules/esm/resolve:772:81)',
    ];
    expect(causeInLog([entry('error', 'away'), ...printed])).toBe(
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'pg'",
    );
  });

  it('falls back to the last entry of level error, then to the last line', () => {
    expect(causeInLog([entry('error', 'first'), entry('error', 'second'), entry('info', 'end')])).toBe('second');
    expect(causeInLog(['Killed', ''])).toBe('Killed');
    expect(causeInLog([])).toBe('it printed nothing');
  });
});
