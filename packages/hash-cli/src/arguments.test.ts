import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from './arguments.ts';

async function passwords(...args: string[]): Promise<readonly string[]> {
  const command = await parseArguments(args);
  return command.kind === 'encrypt' ? command.passwords : [];
}

describe('parseArguments', () => {
  it('passes on any password exactly and in order', async () => {
    const password = fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('-'));
    await fc.assert(
      fc.asyncProperty(fc.array(password, { maxLength: 5 }), async (list) => {
        expect(await passwords('--hash_pass', ...list)).toEqual(list);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['007'],
    ['1e3'],
    ['0x10'],
    ['true'],
    ['null'],
    ['a=b'],
    ['"quoted"'],
    [`'single'`],
    [' blanks '],
    ['{"a":1}'],
    ['value-1'],
    ['-'],
    ['a.b'],
  ])('does not read %s as anything else', async (password) => {
    expect(await passwords('--hash_pass', 'first', password)).toEqual(['first', password]);
  });

  it('takes passwords that begin with a dash in two forms', async () => {
    expect(await passwords('--hash_pass=-secret', '--hash_pass=--config', '--hash_pass=-a=b')).toEqual([
      '-secret',
      '--config',
      '-a=b',
    ]);
    expect(await passwords('--hash_pass', 'a', '--', '-b', '--hash_pass')).toEqual(['a', '-b', '--hash_pass']);
    expect(await passwords('--hash_pass', '--', '--help')).toEqual(['--help']);
  });

  it('keeps an empty password, so that it is refused and not asked for', async () => {
    expect(await passwords('--hash_pass', '')).toEqual(['']);
    expect(await passwords('--hash_pass=')).toEqual(['']);
  });

  it('reads --config and --key-file, before or after the passwords', async () => {
    const expected = { kind: 'encrypt', passwords: ['p', 'q'], config: '/a b/c.json', keyFile: '1e3' };
    expect(await parseArguments(['--config', '/a b/c.json', '--key-file=1e3', '--hash_pass', 'p', 'q'])).toEqual(
      expected,
    );
    expect(await parseArguments(['--hash_pass', 'p', 'q', '--config', '/a b/c.json', '--key-file', '1e3'])).toEqual(
      expected,
    );
    expect(await parseArguments(['--hash_pass'])).toEqual({
      kind: 'encrypt',
      passwords: [],
      config: undefined,
      keyFile: undefined,
    });
  });

  it.each([
    [['Hunter2-abc']],
    [['--hash_pass', '-Hunter2-abc']],
    [['--hash_pass', 'x', '--Hunter2-abc']],
    [['--hashpass', 'Hunter2-abc']],
    [['--hash_pass', 'x', '--config', 'c', 'Hunter2-abc']],
    [['--hash_pass', 'Hunter2-abc', '--config']],
    [['--hash_pass', 'Hunter2-abc', '--config', 'a', '--config', 'b']],
    [['--no-hash_pass', 'Hunter2-abc']],
    [[]],
  ])('refuses %j without repeating an argument', async (args) => {
    await expect(parseArguments(args)).rejects.toThrow(UsageError);
    await expect(parseArguments(args)).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('Hunter2') }),
    );
  });

  it('shows prompt and pipe before the argument form in its help', async () => {
    const help = await parseArguments(['--help']);
    const text = help.kind === 'text' ? help.text : '';
    const [prompt, pipe, argument] = ['asks for the password', 'per line', 'p1 [p2 ...]'].map((piece) =>
      text.indexOf(piece),
    );
    expect(prompt).toBeGreaterThan(0);
    expect(pipe).toBeGreaterThan(prompt ?? 0);
    expect(argument).toBeGreaterThan(pipe ?? 0);
    expect(text).toContain('Exit codes');
  });
});
