import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokenReferences } from './references.ts';

const FILES = ['docs/reference/exchange.md', 'packages/a/README.md', 'packages/a/src/code.ts'];

describe('references', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'references-'));
    write('docs/reference/exchange.md', '# Exchange\n\n## 4. Listing\n\n### 4.2 Limits\n\n## Who sees what?\n');
    write('packages/a/README.md', '# A\n');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const problemsOf = (path: string, text: string) => {
    write(path, text);
    return brokenReferences(root, [path], [path, ...FILES]);
  };

  it.each([
    ['a section of a document', '// docs/reference/exchange.md §4.2.'],
    ['several sections', '// see docs/reference/exchange.md §4, §4.2 and §4.'],
    ['a section on the next line of a comment', '/**\n * (docs/reference/exchange.md\n * §4.2)\n */'],
    ['a document in a folder above', '// README.md lists them'],
    ['a section of a published document', '// RFC 6749 §5.2, MS-NLMP §3.1.5.1.2, [MS-OXWSADISC] §9'],
    ['a file name for the program', "write('made.md')"],
    ['a path that begins with a variable', '# $home/share/doc/install.md'],
    ['a web address', '// https://example.com/a/missing.md'],
  ])('that lead somewhere are accepted: %s', (_, text) => {
    expect(problemsOf('packages/a/src/code.ts', text)).toEqual([]);
  });

  it.each([
    [
      'a document that does not exist',
      '\n// ews.md',
      'packages/a/src/code.ts:2: cites ews.md, which is not in the repository',
    ],
    [
      'a section that does not exist',
      '// docs/reference/exchange.md §4, §4.3',
      'packages/a/src/code.ts:1: cites docs/reference/exchange.md §4.3, which it does not have',
    ],
    [
      'a section of no document',
      '// architecture §8',
      'packages/a/src/code.ts:1: cites §8 without naming its document',
    ],
  ])('that lead nowhere are found in code: %s', (_, text, problem) => {
    expect(problemsOf('packages/a/src/code.ts', text)).toEqual([problem]);
  });

  it.each([
    ['[x](reference/exchange.md#who-sees-what), [y](../packages/a), [z](https://example.com/no)', []],
    [
      '`[x](missing.md` is code\n```\n[x](gone/)\n```',
      ['docs/page.md:1: cites missing.md, which is not in the repository'],
    ],
    ['[x](gone/)', ['docs/page.md:1: links to gone/, which is not in the repository']],
    ['\n[x]: gone.txt', ['docs/page.md:2: links to gone.txt, which is not in the repository']],
    [
      '[x](reference/exchange.md#who)',
      ['docs/page.md:1: links to reference/exchange.md#who, and no heading there has this name'],
    ],
    [
      '`a/src/code.ts`, `reference/exchange.md`, `packages/a/src/`, `x/*.ts`, `/etc/x/y.json`, `pnpm a/b.ts`, `src/`',
      [],
    ],
    ['`a/src/gone.ts`', ['docs/page.md:1: names a/src/gone.ts, which is not in the repository']],
    ['`a/gone/`', ['docs/page.md:1: names a/gone/, which is not in the repository']],
    ['`sql/migrations/004…`', ['docs/page.md:1: names sql/migrations/004…, which is not in the repository']],
    ['## 1. One\n\nSee §1 and §2.', ['docs/page.md:3: cites its own §2, which it does not have']],
  ])('of Markdown files are followed: %s', (text, problems) => {
    expect(problemsOf('docs/page.md', text)).toEqual(problems);
  });
});
