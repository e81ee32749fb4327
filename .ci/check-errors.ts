/**
 * Error classes are made in one way (`error-classes.ts`), so that logs, metrics and tests can rely on it. Tests may do as they
 * like.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { errorClassProblems } from './error-classes.ts';

const root = resolve(import.meta.dirname, '..');
const paths = ['packages', 'tools'].flatMap((folder) => sources(join(root, folder)));
const problems = errorClassProblems(new Map(paths.map((path) => [relative(root, path), readFileSync(path, 'utf8')])));
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'errors: all classes are made alike' : `errors: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => /\.ts$/u.test(name) && !/node_modules|\/dist(\/|$)/u.test(parentPath))
    .map(({ name, parentPath }) => join(parentPath, name))
    .filter((path) => !/\.test\.ts$/u.test(path));
}
