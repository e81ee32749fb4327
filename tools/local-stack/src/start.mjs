/**
 * The entry of `pnpm start`. It says what is missing when the install failed, and starts the stack otherwise. It is plain
 * JavaScript and imports no package, since without an install it runs on the machine's own Node, which may be too old to
 * read TypeScript.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** uWebSockets.js has no binary for a later one, and an earlier one does not run TypeScript. */
const NODE_MAJOR = '22';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const missing = missingDependency() ?? missingNode();
if (missing === null) {
  await import('./main.ts');
} else {
  console.error(
    `the local stack did not start: ${missing}. ` +
      `Run \`npx --yes pnpm@12 install\` in ${repository} and repair what it reports.`,
  );
  process.exitCode = 1;
}

/** The first dependency of a workspace package that is not linked, in words; null when all are. */
function missingDependency() {
  for (const group of ['packages/', 'tools/']) {
    for (const name of readdirSync(repository + group)) {
      const folder = `${repository}${group}${name}/`;
      if (!existsSync(`${folder}package.json`)) continue;
      const { dependencies = {} } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
      const absent = Object.keys(dependencies).find((dependency) => !existsSync(`${folder}node_modules/${dependency}`));
      if (absent !== undefined) return `${absent}, which ${group}${name} needs, is not installed`;
    }
  }
  return null;
}

/** Whether this is another Node than the one that the repository brings along, in words; null when it is not. */
function missingNode() {
  const { node } = process.versions;
  return node.startsWith(`${NODE_MAJOR}.`) ? null : `this is Node ${node} and the stack needs Node ${NODE_MAJOR}`;
}
