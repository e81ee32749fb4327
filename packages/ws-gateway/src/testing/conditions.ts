import { vi } from 'vitest';

/** Waits until `condition` no longer throws; returns what it returns. */
export function soon<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { interval: 5, timeout: 10_000 }) as Promise<T>;
}
