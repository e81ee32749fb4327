/** Fails when a comment, a document or a README refers to a document, a section or a file that the repository does not have. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brokenReferences } from './references.ts';

const TEXT = /\.(?:[cm]?[jt]sx?|sql|sh|bash|py|md|ya?ml|json|html|css|wsdl|xsd|service|target|conf|env)$|^\.ci\/run$/u;

const root = resolve(import.meta.dirname, '..');
const listed = ['-c', `safe.directory=${root}`, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
const files = execFileSync('git', listed, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));
// The check's own test cites what must not be found.
const paths = files.filter((path) => TEXT.test(path) && path !== '.ci/references.test.ts');

const problems = brokenReferences(root, paths, files);
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'references: all lead somewhere' : `references: ${problems.length} lead nowhere`);
process.exitCode = problems.length === 0 ? 0 : 1;
