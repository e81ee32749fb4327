/** A field of a reply that is missing or not of its type; names the field, never its value. */
export class UnreadableFieldError extends Error {
  readonly code = 'ews-unreadable-field';

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`);
    this.name = new.target.name;
  }
}

const dateTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

/** The years that Exchange and Postgres' ISO format have in common. */
const FIRST_MOMENT = new Date('0001-01-01T00:00:00Z');
const LAST_MOMENT = new Date('9999-12-31T23:59:59.999Z');

/** `xs:dateTime`; without a zone it is read as UTC, which is what the requests ask for (TimeZoneContext). */
export function parseDateTime(text: string, field: string): Date {
  const match = dateTime.exec(text);
  if (match === null) throw new UnreadableFieldError(field, 'is no xs:dateTime');
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  // 24:00:00 is the next midnight; a leap second becomes the next minute.
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 24 || minute > 59 || second > 60) {
    throw new UnreadableFieldError(field, 'is no possible time');
  }
  const wall = new Date(0);
  wall.setUTCFullYear(year, month - 1, day);
  wall.setUTCHours(hour, minute, second, milliseconds);
  const time = new Date(wall.getTime() - offsetMinutes(match[8], field) * 60_000);
  if (time < FIRST_MOMENT || time > LAST_MOMENT) throw new UnreadableFieldError(field, 'is no possible time');
  return time;
}

function daysInMonth(year: number, month: number): number {
  const lastDay = new Date(0);
  lastDay.setUTCFullYear(year, month, 0);
  return lastDay.getUTCDate();
}

function offsetMinutes(zone: string | undefined, field: string): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  if (minutes > 14 * 60) throw new UnreadableFieldError(field, 'has no possible offset');
  return zone.startsWith('-') ? -minutes : minutes;
}

/** `xs:date` as `YYYY-MM-DD`; Exchange appends a zone, which says nothing (docs/reference/exchange.md §8.2). */
export function parseDate(text: string, field: string): string {
  const date = text.slice(0, 10);
  parseDateTime(`${date}T00:00:00Z`, field);
  return date;
}

/** `xs:int`, which is what all numbers of EWS are. */
export function parseInteger(text: string, field: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new UnreadableFieldError(field, 'is no whole number');
  const value = Number(text);
  if (value < -(2 ** 31) || value >= 2 ** 31) {
    throw new UnreadableFieldError(field, 'is beyond 32 bits');
  }
  return value;
}

export function parseBoolean(text: string, field: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new UnreadableFieldError(field, 'is neither true nor false');
}

const duration = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/;

/**
 * The days, hours and minutes of an `xs:duration` in minutes. Seconds are rounded down, but the last
 * one of a minute counts whole: Windows writes the end of a day as `PT23H59M59.999S`.
 */
export function parseDurationMinutes(text: string, field: string): number {
  const match = duration.exec(text);
  if (match === null) throw new UnreadableFieldError(field, 'is no xs:duration');
  const [days, hours, minutes, seconds] = match.slice(2, 6).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const total = days * 1440 + hours * 60 + minutes + Math.floor((seconds + 1) / 60);
  return match[1] === '-' && total !== 0 ? -total : total;
}
