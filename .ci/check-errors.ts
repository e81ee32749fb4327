/**
 * Error classes are made in one way, so that logs, metrics and tests can rely on it: the name ends in `Error`, and a class
 * that extends `Error` itself sets `this.name = new.target.name` and has a `code` that stays the same. A class that extends
 * another one of ours inherits both. Tests may do as they like.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** A class at the top of a file: its name, what it extends, and its body up to the closing brace of the first column. */
const CLASS = /^(?:export )?(?:abstract )?class (\w+)(?:<[^>]*>)? extends (\w*Error)\b[^{]*\{(\}|[\s\S]*?^\})/gmu;
/** Error classes of the language, which give neither a name nor a code. */
const PLAIN = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError']);

const root = resolve(import.meta.dirname, '..');
const problems = ['packages', 'tools'].flatMap((folder) => sources(join(root, folder))).flatMap(problemsOf);
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'errors: all classes are made alike' : `errors: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function problemsOf(path: string): string[] {
  const found: string[] = [];
  for (const [, name = '', parent = '', body = ''] of readFileSync(path, 'utf8').matchAll(CLASS)) {
    const say = (problem: string) => found.push(`${relative(root, path)}: ${name} ${problem}`);
    if (!name.endsWith('Error')) say('must be named …Error');
    const setsName = /^\s+this\.name = /mu.test(body) || /^\s+(?:override )?(?:readonly )?name\b/mu.test(body);
    if (!PLAIN.has(parent)) {
      if (setsName) say(`gets its name from ${parent} and must not set it`);
      continue;
    }
    if (!/^\s+this\.name = new\.target\.name;$/mu.test(body)) say('must set `this.name = new.target.name`');
    if (!/^\s+(?:abstract )?readonly code\b/mu.test(body)) say('must have a `readonly code`');
  }
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => /\.ts$/u.test(name) && !/node_modules|\/dist(\/|$)/u.test(parentPath))
    .map(({ name, parentPath }) => join(parentPath, name))
    .filter((path) => !/\.test\.ts$/u.test(path));
}
