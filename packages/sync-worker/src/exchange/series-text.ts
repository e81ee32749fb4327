import type { EwsRecurrence, EwsRecurrencePattern } from 'ews-client';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A recurrence in words, such as `every 2 weeks on Monday and Friday until 2026-12-31`. */
export function seriesText(recurrence: EwsRecurrence): string {
  const { pattern, range } = recurrence;
  if (range.type === 'endDate') return `${patternText(pattern)} until ${range.endDate}`;
  if (range.type === 'numbered') return `${patternText(pattern)}, ${range.occurrences} times`;
  return patternText(pattern);
}

function patternText(pattern: EwsRecurrencePattern): string {
  switch (pattern.type) {
    case 'daily':
      return every(pattern.interval, 'day');
    case 'weekly':
      return `${every(pattern.interval, 'week')} on ${listed(pattern.daysOfWeek.map(dayText))}`;
    case 'absoluteMonthly':
      return `${every(pattern.interval, 'month')} on day ${pattern.dayOfMonth}`;
    case 'relativeMonthly':
      return `${every(pattern.interval, 'month')} on the ${pattern.index.toLowerCase()} ${dayText(pattern.dayOfWeek)}`;
    case 'absoluteYearly':
      return `every year on ${MONTHS[pattern.month - 1]} ${pattern.dayOfMonth}`;
    case 'relativeYearly':
      return `every year on the ${pattern.index.toLowerCase()} ${dayText(pattern.dayOfWeek)} of ${MONTHS[pattern.month - 1]}`;
  }
}

function every(interval: number, unit: string): string {
  return interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`;
}

function dayText(day: string): string {
  if (day === 'WeekendDay') return 'weekend day';
  return day === 'Day' || day === 'Weekday' ? day.toLowerCase() : day;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
