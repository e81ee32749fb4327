/**
 * Reads a time whose spelling the server does not promise: unix seconds as a number or a numeric string, or ISO 8601.
 *
 * @returns null for nothing, zero, or what is not a time.
 */
export function parseServerTime(value: number | string | null | undefined): Date | null {
  if (value === null || value === undefined || value === '') return null;
  const seconds = Number(value);
  const date = Number.isNaN(seconds) ? new Date(String(value)) : new Date(seconds * 1000);
  return seconds === 0 || Number.isNaN(date.getTime()) ? null : date;
}
