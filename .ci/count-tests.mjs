// Prints `passed failed skipped` of a vitest JSON report. Names what failed and what was skipped on standard error.
// Usage: node count-tests.mjs REPORT STEP_FAILED, where STEP_FAILED is 1 when the command ended with an error.
import { readFileSync } from 'node:fs';

/** Of a failure's message: enough for what was expected and found. */
const SHOWN_LINES = 12;

const [path, stepFailed] = process.argv.slice(2);
const report = readReport(path);
const tests = (report?.testResults ?? []).flatMap((file) => file.assertionResults);
const count = (...states) => tests.filter((test) => states.includes(test.status)).length;

// A file that cannot even be loaded has no tests to fail.
const brokenFiles = (report?.testResults ?? []).filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
for (const { name } of brokenFiles) console.error(`   failed: ${name}`);
for (const test of tests.filter(({ status }) => status === 'failed')) {
  console.error(`   failed: ${test.fullName}`);
  for (const line of (test.failureMessages[0] ?? '').split('\n').slice(0, SHOWN_LINES)) console.error(`     ${line}`);
}
const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.status));
for (const test of skipped) console.error(`   skipped: ${test.fullName}`);

const failed = count('failed') + brokenFiles.length;
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
