/** Figures of one series of durations, milliseconds. */
export interface Figures {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly min: number;
}

/** Percentiles by nearest rank: p99 of 200 is the 198th smallest. */
export function figuresOf(durations: readonly number[]): Figures {
  const ordered = [...durations].sort((a, b) => a - b);
  const rank = (share: number) => round(ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? Number.NaN);
  return { count: ordered.length, p50: rank(0.5), p99: rank(0.99), max: rank(1), min: rank(0) };
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
