import { expect } from 'vitest';

/** Waits for a condition, patiently enough for a machine that is busy with other things. */
export function eventually<T>(probe: () => T) {
  return expect.poll(probe, { timeout: 10_000, interval: 20 });
}
