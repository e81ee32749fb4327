/** What was waited for did not come to be. */
class NotInTimeError extends Error {
  readonly code = 'stack-driver-not-in-time';

  constructor(what: string, patienceMs: number, last: string | undefined) {
    super(`not within ${Math.round(patienceMs / 1000)} s: ${what}${last === undefined ? '' : `; last seen: ${last}`}`);
    this.name = new.target.name;
  }
}

/**
 * Asks again and again until `probe` gives something; what it throws counts as nothing and is told at the end.
 *
 * @throws NotInTimeError
 */
export async function until<Found>(
  what: string,
  probe: () => Found | undefined | Promise<Found | undefined>,
  { patienceMs = 30_000, everyMs = 25 } = {},
): Promise<Found> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    let last: string | undefined;
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      last = (error as Error).message;
    }
    if (performance.now() > deadline) throw new NotInTimeError(what, patienceMs, last);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
