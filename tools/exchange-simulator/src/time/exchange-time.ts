import { Temporal } from 'temporal-polyfill';
import { violationAt } from '../ews-error.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { type ExchangeZone, instantOfWall } from './exchange-zone.ts';

/**
 * An xs:dateTime as unix ms. A value without offset is taken in `zone`, as the time zone context demands.
 *
 * @throws EwsError `ErrorSchemaValidation` when the text is no xs:dateTime.
 */
export function readDateTime(element: XmlElement, zone: ExchangeZone, text = element.text): number {
  const trimmed = text.trim();
  try {
    if (/^\d{4}-.*(Z|[+-]\d\d:\d\d)$/.test(trimmed)) return Temporal.Instant.from(trimmed).epochMilliseconds;
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(trimmed))
      return instantOfWall(Temporal.PlainDateTime.from(trimmed), zone);
  } catch {
    // Falls through: a calendar date that does not exist is as invalid as a wrong shape.
  }
  throw violationAt(
    element,
    `The '${element.name}' value '${trimmed}' is invalid according to its datatype 'dateTime'.`,
  );
}

/** An xs:dateTime in whole seconds: `Z` for UTC, else with the zone's offset at that moment. */
export function writeDateTime(instant: number, zone: ExchangeZone): string {
  const seconds = Math.floor(instant / 1000) * 1000;
  if (zone.iana === 'UTC') return `${new Date(seconds).toISOString().slice(0, 19)}Z`;
  return Temporal.Instant.fromEpochMilliseconds(seconds)
    .toZonedDateTimeISO(zone.iana)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' });
}
