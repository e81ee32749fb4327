import type { XmlElement } from './xml-element.ts';
import { parseBoolean, parseDateTime, parseInteger, UnreadableFieldError } from './xsd-values.ts';

/** Reads typed children of one element; what is there must be of its type, what is missing is null. */

export function required(element: XmlElement, name: string): XmlElement {
  const child = element.child(name);
  if (child === undefined) throw new UnreadableFieldError(name, 'is missing');
  return child;
}

export function requiredText(element: XmlElement, name: string): string {
  const text = required(element, name).text.trim();
  if (text === '') throw new UnreadableFieldError(name, 'is empty');
  return text;
}

export function requiredAttribute(element: XmlElement, name: string): string {
  const value = element.attribute(name);
  if (value === undefined || value === '') throw new UnreadableFieldError(`${element.name}/@${name}`, 'is missing');
  return value;
}

/** Null also for an empty element. */
export function optionalText(element: XmlElement, name: string): string | null {
  return element.childText(name) || null;
}

function requiredTime(element: XmlElement, name: string): Date {
  return parseDateTime(requiredText(element, name), name);
}

export function optionalTime(element: XmlElement, name: string): Date | null {
  const text = optionalText(element, name);
  return text === null ? null : parseDateTime(text, name);
}

/**
 * A time of the calendar, to the nearest second: Exchange keeps whole ones, while some servers write a tenth of a
 * microsecond less.
 */
export function requiredMoment(element: XmlElement, name: string): Date {
  return toSecond(requiredTime(element, name));
}

export function optionalMoment(element: XmlElement, name: string): Date | null {
  const time = optionalTime(element, name);
  return time === null ? null : toSecond(time);
}

const LAST_SECOND = Date.UTC(9999, 11, 31, 23, 59, 59);

function toSecond(time: Date): Date {
  const second = Math.round(time.getTime() / 1000) * 1000;
  // The end of all time, which Exchange writes a tenth of a microsecond early, must not begin the year 10000.
  return new Date(Math.min(second, LAST_SECOND));
}

export function optionalInteger(element: XmlElement, name: string): number | null {
  const text = optionalText(element, name);
  return text === null ? null : parseInteger(text, name);
}

export function requiredInteger(element: XmlElement, name: string): number {
  return parseInteger(requiredText(element, name), name);
}

/** False when missing. */
export function flag(element: XmlElement, name: string): boolean {
  const text = optionalText(element, name);
  return text === null ? false : parseBoolean(text, name);
}
