/**
 * Imports point one way. Fails when a package uses another one that it may not, when a tool is used by a package, when
 * a source file reaches into another package's folder, when a file of the program uses what stands in a folder
 * `testing`, when a file imports something that its package.json does not name, when a folder imports from one that does
 * not stand below it (`import-floors.ts`), and when files import each other in a circle, be it for types alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { importCircles } from './import-circles.ts';
import { checkFloor, checkHidden } from './import-floors.ts';
import { importedModules } from './imported-modules.ts';

const LIBRARIES = ['calendar-model', 'secrets', 'connector-config', 'calendar-db'];
const WORKER = ['worker-kit', ...LIBRARIES];
const ALL_LIBRARIES = [...WORKER, 'gssapi', 'ews-client', 'trueconf-client', 'gateway-protocol'];
const SYSTEM = [...ALL_LIBRARIES, 'exchange-simulator', 'trueconf-simulator'];

/** What each package may use of ours (docs/architecture.md). */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  'calendar-model': [],
  secrets: [],
  'connector-config': ['secrets', 'calendar-model'],
  'calendar-db': ['calendar-model'],
  'worker-kit': ['calendar-db', 'connector-config'],
  gssapi: [],
  'ews-client': ['calendar-model', 'gssapi'],
  'trueconf-client': ['calendar-model'],
  'gateway-protocol': ['calendar-model'],
  'sync-worker': [...WORKER, 'ews-client'],
  'ws-gateway': [...WORKER, 'gateway-protocol', 'trueconf-client'],
  launcher: [...WORKER, 'trueconf-client'],
  'hash-cli': ['secrets'],
  calendarctl: ALL_LIBRARIES,
  'web-calendar': ['gateway-protocol'],
  'exchange-simulator': [],
  'trueconf-simulator': [],
  'local-stack': SYSTEM,
  'stack-driver': SYSTEM,
  bench: [...SYSTEM, 'stack-driver'],
  // Properties of the sync engine run against the simulator in one process: no other package may use both.
  scenarios: [...SYSTEM, 'stack-driver', 'sync-worker'],
};

/**
 * What tests of a package and files in its `testing` folder may use besides, as a development dependency. Files of the
 * program may not.
 */
const TESTS_MAY_USE: Readonly<Record<string, readonly string[]>> = {
  launcher: ['trueconf-simulator'],
  'ws-gateway': ['trueconf-simulator'],
};

/** Resolved from the root for every package's tests and build. */
const ROOT_TOOLS = new Set(['vitest', 'fast-check']);

const root = resolve(import.meta.dirname, '..');
const problems: string[] = [];
/** For each source file the files of its package that it imports. */
const imports = new Map<string, string[]>();
for (const folder of ['packages', 'tools']) {
  for (const name of readdirSync(join(root, folder))) checkPackage(join(root, folder, name));
}
for (const circle of importCircles(imports)) {
  problems.push(`a circle of imports: ${circle.map((file) => relative(root, file)).join(', ')}`);
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'imports: all point one way' : `imports: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function checkPackage(folder: string): void {
  const name = basename(folder);
  const allowed = MAY_USE[name];
  if (allowed === undefined) {
    problems.push(`${relative(root, folder)}: not in the table of .ci/check-imports.ts`);
    return;
  }
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const named = new Map([
    ...Object.entries(manifest.dependencies ?? {}),
    ...Object.entries(manifest.devDependencies ?? {}),
  ]);
  const forTests = TESTS_MAY_USE[name] ?? [];
  for (const dependency of forTests) {
    if (manifest.dependencies?.[dependency] !== undefined)
      problems.push(`${name}: package.json names ${dependency} for the program, and only tests may use it`);
  }
  const used = new Set<string>();
  for (const file of sources(join(folder, 'src'))) {
    const targets = importedModules(readFileSync(file, 'utf8'));
    imports.set(
      file,
      targets.filter((target) => target.startsWith('.')).map((target) => resolve(file, '..', target)),
    );
    for (const target of targets) {
      const problem = checkImport(folder, file, target, isOfTests(file) ? [...allowed, ...forTests] : allowed, named);
      if (problem !== null) problems.push(`${relative(root, file)}: ${problem}`);
      used.add(packageOf(target));
    }
  }
  for (const dependency of named.keys()) {
    if (dependency in MAY_USE && !used.has(dependency))
      problems.push(`${name}: package.json names ${dependency}, nothing uses it`);
  }
}

function checkImport(
  folder: string,
  file: string,
  target: string,
  allowed: readonly string[],
  named: ReadonlyMap<string, string>,
): string | null {
  if (target.startsWith('node:')) return null;
  if (target.startsWith('.')) {
    const reached = resolve(file, '..', target);
    if (!reached.startsWith(`${folder}/`)) return `reaches out of its package: ${target}`;
    if (isOfTests(reached) && !isOfTests(file)) return `uses what is there for tests: ${target}`;
    const sourceRoot = join(folder, 'src');
    return checkFloor(basename(folder), relative(sourceRoot, file), relative(sourceRoot, reached));
  }
  const dependency = packageOf(target);
  const hidden = checkHidden(basename(folder), relative(join(folder, 'src'), file), dependency);
  if (hidden !== null) return hidden;
  if (dependency in MAY_USE && !allowed.includes(dependency)) return `may not use ${dependency}`;
  if (named.has(dependency) || ROOT_TOOLS.has(dependency)) return null;
  return `${dependency} is not in its package.json`;
}

function isOfTests(file: string): boolean {
  return /\.test\.tsx?$|\/src\/(?:.+\/)?testing\//u.test(file);
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/u.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
