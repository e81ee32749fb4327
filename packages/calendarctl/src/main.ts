import { runCalendarctl } from './run-calendarctl.ts';

// `calendarctl status | head -1`: the reader has what it wanted.
process.stdout.on('error', () => process.exit());

process.exitCode = await runCalendarctl(process.argv.slice(2), {
  env: process.env,
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
});
