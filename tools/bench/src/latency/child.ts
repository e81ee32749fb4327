import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process of the bench: takes tasks and answers, until it is ended. */
export class BenchChild {
  readonly #process: ChildProcess;

  constructor(file: string) {
    const path = new URL(file, import.meta.url).pathname;
    this.#process = fork(path, [], {
      execArgv: ['--conditions=source'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  /** Sends a task. @returns its answer @throws Error when it ends without one */
  async ask<Answer>(task: object | string | number): Promise<Answer> {
    const over = new AbortController();
    const { signal } = over;
    try {
      const answer = Promise.race([
        once(this.#process, 'message', { signal }).then(([message]) => message as Answer),
        once(this.#process, 'exit', { signal }).then(([code]) => {
          throw new Error(`a process of the bench ended with ${code}`);
        }),
      ]);
      this.#process.send(task);
      return await answer;
    } finally {
      // Lets go of the listener that was not called.
      over.abort();
    }
  }

  end(): void {
    this.#process.kill();
  }
}

/** Starts a floor server. @returns its address, and what ends it */
export async function startFloor(file: string, databaseUrl: string): Promise<{ url: string; end: () => void }> {
  const child = spawn(process.execPath, [new URL(file, import.meta.url).pathname, databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${file} ended with ${code}`);
    }),
  ])) as [string];
  return { url: `ws://127.0.0.1:${port}`, end: () => child.kill() };
}
