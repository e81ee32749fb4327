import { describe, expect, it } from 'vitest';
import { errorClassProblems } from './error-classes.ts';

const made = (name: string, code: string, parent = 'Error', setsName = true) =>
  [
    `export class ${name} extends ${parent} {`,
    `  readonly code = '${code}';`,
    '  constructor() {',
    '    super();',
    ...(setsName ? ['    this.name = new.target.name;'] : []),
    '  }',
    '}',
    '',
  ].join('\n');

const problemsOf = (...texts: string[]) =>
  errorClassProblems(new Map(texts.map((text, place) => [`src/${place}.ts`, text])));

describe('error classes', () => {
  it('are accepted that have a name and a code, of their own or of a class of ours', () => {
    const heir = `export class LateError extends SlowError {}\n`;
    expect(problemsOf(made('SlowError', 'slow'), heir, made('LaterError', 'later', 'SlowError', false))).toEqual([]);
  });

  it.each([
    ['another name', made('Slowness', 'slow'), 'Slowness must be named …Error'],
    ['no name set', made('SlowError', 'slow', 'Error', false), 'SlowError must set `this.name = new.target.name`'],
    [
      'no code',
      'class SlowError extends TypeError {\n  constructor() {\n    super();\n    this.name = new.target.name;\n  }\n}\n',
      'SlowError must have a `readonly code`',
    ],
    [
      'a name that it inherits as well',
      made('SlowError', 'slow', 'CallError'),
      'SlowError gets its name from CallError and must not set it',
    ],
    [
      'a class of a library to extend',
      made('SlowError', 'slow', 'pg.DatabaseError', false),
      'SlowError must extend Error, with the pg.DatabaseError as its cause',
    ],
    [
      'a function around it',
      `function local() {\n${made('Slowness', 'slow').replaceAll(/^(?=.)/gmu, '  ')}}\n`,
      'Slowness must be named …Error',
    ],
  ])('are found that have %s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([`src/0.ts: ${problem}`]);
  });

  it('are found that share a code with another class', () => {
    expect(problemsOf(made('SlowError', 'slow'), made('LateError', 'slow'))).toEqual([
      'src/1.ts: LateError has the code slow of SlowError (src/0.ts)',
    ]);
  });
});
