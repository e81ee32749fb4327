const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_MS = 366 * UNITS.d;

/** Milliseconds of a span such as `90s`, `30m`, `1h` or `7d`; undefined for anything else or more than a year. */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(\d{1,9})([smhd])$/u.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}
