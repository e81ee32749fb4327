import { setTimeout as pause } from 'node:timers/promises';

/** The condition did not come true in time. */
class NotInTimeError extends Error {
  readonly code = 'smoke-not-in-time';

  constructor(what: string, ms: number) {
    super(`${what}: not within ${ms} ms`);
    this.name = new.target.name;
  }
}

/** Asks again and again until `probe` gives something. @throws NotInTimeError */
export async function until<Found>(
  what: string,
  probe: () => Found | undefined | Promise<Found | undefined>,
  patienceMs: number,
): Promise<Found> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new NotInTimeError(what, patienceMs);
    await pause(20);
  }
}
