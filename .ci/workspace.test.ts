import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

it('installs every package for a script of the root, whatever an earlier command with --filter installed', () => {
  const folders = ['packages', 'tools'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
  const packages = new Map(
    folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).map((folder) => manifestOf(folder)),
  );
  const reached = new Set<string>();
  const reach = (names: readonly string[]) => {
    for (const name of names) {
      const dependencies = packages.get(name);
      if (dependencies === undefined || reached.has(name)) continue;
      reached.add(name);
      reach(dependencies);
    }
  };
  reach(manifestOf('.')[1]);
  expect([...packages.keys()].filter((name) => !reached.has(name))).toEqual([]);
});

/** The name of a package and the names of what it depends on, for its program and for its development. */
function manifestOf(folder: string): [string, string[]] {
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  const { name, dependencies = {}, devDependencies = {} } = JSON.parse(text);
  return [name, [...Object.keys(dependencies), ...Object.keys(devDependencies)]];
}
