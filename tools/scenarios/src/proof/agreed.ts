import { until } from 'stack-driver';

/** A claim or lease of a dead worker is waited out, perhaps several times over; then the rest is a matter of a moment. */
const RECOVERY_MS = 75_000;

/** What a comparison found. */
export interface Comparison<Compared> {
  /** One line for each difference. */
  readonly differing: readonly string[];
  readonly compared: Compared;
}

/** Waits until nothing differs. @throws NotInTimeError with what differs to the last */
export function agreed<Compared>(what: string, compare: () => Promise<Comparison<Compared>>): Promise<Compared> {
  return until(
    what,
    async () => {
      const { differing, compared } = await compare();
      if (differing.length === 0) return compared;
      throw new Error(`${differing.length} differences:\n  ${differing.slice(0, 12).join('\n  ')}`);
    },
    { patienceMs: RECOVERY_MS, everyMs: 500 },
  );
}
