import { spawn } from 'node:child_process';

/**
 * Runs the stack in a process group of its own: Ctrl-C on a terminal reaches a whole group at once, and then Postgres
 * would be gone before the workers could drain. Here only this process hears it and passes it on.
 */
const stack = spawn(
  process.execPath,
  [...process.execArgv, new URL('run.ts', import.meta.url).pathname, ...process.argv.slice(2)],
  {
    detached: true,
    // The pipe on standard input tells the stack when this process dies without a word.
    stdio: ['pipe', 'inherit', 'inherit'],
  },
);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stack.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
}

stack.on('error', (error) => {
  console.error(`the local stack could not be started: ${error.message}`);
  process.exitCode = 1;
});
stack.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128);
});
