// Prints `passed failed skipped` of a vitest JSON report. Names what was skipped on standard error.
// Usage: node count-tests.mjs REPORT STEP_FAILED, where STEP_FAILED is 1 when the command ended with an error.
import { readFileSync } from 'node:fs';

const [path, stepFailed] = process.argv.slice(2);
const report = readReport(path);
const tests = (report?.testResults ?? []).flatMap((file) => file.assertionResults);
const count = (...states) => tests.filter((test) => states.includes(test.status)).length;

// A file that cannot even be loaded has no tests to fail.
const brokenFiles = (report?.testResults ?? []).filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.status));
for (const test of skipped) console.error(`   skipped: ${test.fullName}`);

const failed = count('failed') + brokenFiles;
// No report, no tests, or an error that belongs to none of them, such as one after the last test.
const nothingRan = count('passed') === 0 && failed === 0;
console.log(count('passed'), failed > 0 ? failed : Number(nothingRan || stepFailed !== '0'), skipped.length);

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
