import { describe, expect, it } from 'vitest';
import { importCircles } from './import-circles.ts';
import { checkFloor, checkHidden } from './import-floors.ts';
import { importedModules } from './imported-modules.ts';

describe('importedModules', () => {
  it.each([
    ['values', "import { a, b as c } from './x.ts';"],
    ['types', "import type { A } from './x.ts';"],
    ['everything under a name', "import * as x from './x.ts';"],
    ['a side effect', "import './x.ts';"],
    [
      'names on several lines, with comments that hold quotes',
      "import {\n  a, // it's one\n  type B,\n} from './x.ts';",
    ],
    ['re-exports', "export { type A, b } from './x.ts';"],
    ['re-exports of everything', "export * from './x.ts';"],
    ['a module when it is needed', "const x = await import('./x.ts');"],
    ['a type within a type', "type X = import('./x.ts').X;"],
  ])('finds an import of %s', (_, source) => {
    expect(importedModules(`// first\n${source}\n`)).toEqual(['./x.ts']);
  });

  it('finds all imports of a file, and nothing else', () => {
    const source = "import a from './a.ts';\nimport type { B } from 'b';\nexport const from = 'c';\n";
    expect(importedModules(source)).toEqual(['./a.ts', 'b']);
  });
});

describe('importCircles', () => {
  const circles = (imports: Record<string, string[]>) => importCircles(new Map(Object.entries(imports)));

  it('finds files that import each other, directly and through others', () => {
    expect(circles({ a: ['b'], b: ['a'], c: ['d'], d: ['e'], e: ['c', 'a'] })).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  it('finds a file that imports itself', () => {
    expect(circles({ a: ['a'] })).toEqual([['a']]);
  });

  it('takes two ways to the same file for no circle', () => {
    expect(circles({ a: ['b', 'c'], b: ['d'], c: ['d'], d: ['elsewhere'] })).toEqual([]);
  });
});

describe('the floors of the sync worker', () => {
  const problem = (file: string, target: string) => checkFloor('sync-worker', file, target);

  it('lets a folder import what stands below it, and itself', () => {
    expect(problem('exchange/ews-provider.ts', 'accounts/account-pool.ts')).toBeNull();
    expect(problem('engine/sync-runner.ts', 'engine/lease-hold.ts')).toBeNull();
  });

  it.each([
    ['upwards', 'engine/sync-runner.ts', 'streams/change-notices.ts'],
    ['from its neighbour', 'accounts/account-pool.ts', 'ownership/rendezvous.ts'],
    ['what only tests use', 'engine/sync-runner.ts', 'testing/fake-calendar.ts'],
    ['from a folder that is in no table', 'engine/sync-runner.ts', 'helpers/text.ts'],
  ])('lets no folder import %s', (_, file, target) => {
    expect(problem(file, target)).not.toBeNull();
  });

  it('lets tests import everything', () => {
    expect(problem('engine/sync-runner.pg.test.ts', 'streams/watch-service.ts')).toBeNull();
    expect(problem('testing/sync-peer.ts', 'streams/watch-service.ts')).toBeNull();
  });

  it('keeps Exchange from the engine', () => {
    expect(checkHidden('sync-worker', 'engine/failure-policy.ts', 'ews-client')).not.toBeNull();
    expect(checkHidden('sync-worker', 'exchange/ews-provider.ts', 'ews-client')).toBeNull();
  });
});
