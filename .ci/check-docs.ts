/**
 * docs/operations.md is what an administrator searches when something is wrong. Fails when it lacks a metric, an exit code
 * or a log event that asks for somebody (warn and worse), and when it names one that the code does not have.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { EXIT_CODES } from '../packages/worker-kit/src/fatal-error.ts';

const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
const problems: string[] = [];

const sources = readdirSync(join(root, 'packages'), { recursive: true, withFileTypes: true })
  .filter(({ name, parentPath }) => /\.ts$/u.test(name) && /packages\/[^/]+\/src/u.test(parentPath))
  .map(({ name, parentPath }) => join(parentPath, name))
  .filter((path) => !/\.test\.ts$|\/testing\//u.test(path))
  .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));

compare('metric', find(/'(calendar_[a-z_]+)'/gu, isMetric), new Set(page.match(/\bcalendar_[a-z_]+/gu)));
compare(
  'log event',
  // What is written at warn or worse, and what begins or ends a trouble (`TroubleLine`).
  find(/(?:\.(?:warn|error|fatal)\(\s*|\bevent: )'([a-z-]+\.[a-z-]+)'/gu),
  documentedEvents(),
  find(/'([a-z-]+\.[a-z-]+)'/gu),
);
compare('exit code', new Map(Object.values(EXIT_CODES).map((code) => [String(code), 'worker-kit'])), documentedCodes());

for (const problem of problems) console.error(`docs/operations.md: ${problem}`);
console.log(
  problems.length === 0 ? 'docs: docs/operations.md and the code agree' : `docs: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

/** @param known names that may be documented although they need not be; default: the same as `needed` */
function compare(
  what: string,
  needed: ReadonlyMap<string, string>,
  documented: ReadonlySet<string>,
  known: ReadonlyMap<string, string> = needed,
): void {
  for (const [name, path] of needed) if (!documented.has(name)) problems.push(`lacks the ${what} ${name} of ${path}`);
  for (const name of documented) if (!known.has(name)) problems.push(`names the ${what} ${name}, which nothing has`);
}

/** What the first group of a pattern finds in the sources, with the file. */
function find(pattern: RegExp, isWanted = (_name: string) => true): Map<string, string> {
  const matches = sources.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => [match[1] ?? '', path]),
  );
  return new Map(matches.filter(([name]) => isWanted(name ?? '')) as [string, string][]);
}

/** The notification channels are named like metrics. */
function isMetric(name: string): boolean {
  return !['calendar_change', 'calendar_worker'].includes(name);
}

/** First column of the tables; `config.*` and the like stand for a family. */
function documentedEvents(): Set<string> {
  const cells = [...page.matchAll(/^\| (`[^|]*) \|/gmu)].map((match) => match[1] ?? '');
  const names = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+\.[a-z-]+)`/gu)].map((match) => match[1] ?? ''));
  return new Set(names);
}

/** Other tables begin with numbers too: codes stand in a chapter of their own. */
function documentedCodes(): Set<string> {
  const [chapter = ''] = /^## Exit codes$.*?(?=^## )/msu.exec(page) ?? [];
  return new Set([...chapter.matchAll(/^\| (\d+) \|/gmu)].map((match) => match[1] ?? ''));
}
