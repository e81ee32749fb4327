// First of all, before anything is imported: this overwrites the command line that other users of this machine can read.
process.title = 'tc_calendar';
const { runHashCommand } = await import('./hash-command.ts');

const { stdin, stdout, stderr, env } = process;
process.exitCode = await runHashCommand(process.argv.slice(2), { stdin, stdout, stderr, env });

export {};
