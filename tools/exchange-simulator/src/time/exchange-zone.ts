import { Temporal } from 'temporal-polyfill';
import { EwsError } from '../ews-error.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { nodeFromElement, t, type XmlNode } from '../soap/xml-node.ts';
import { ianaOfWindowsZone, windowsZoneOfIana } from './windows-zones.ts';

/** A time zone as Exchange knows it: an id to give back unchanged, and a zone to calculate with. */
export interface ExchangeZone {
  readonly id: string;
  readonly name: string;
  /** An IANA name or a fixed offset such as `+05:30`. */
  readonly iana: string;
  /** Embedded rules of a custom zone, returned as they came. */
  readonly definition: readonly XmlNode[];
}

export const UTC: ExchangeZone = { id: 'UTC', name: '(UTC) Coordinated Universal Time', iana: 'UTC', definition: [] };

/** The zone for a Windows id, an IANA name or one of Exchange's own UTC ids. Undefined when nothing is known by that id. */
export function zoneOfId(id: string, name = id): ExchangeZone | undefined {
  if (id === 'UTC' || id === 'tzone://Microsoft/Utc') return { ...UTC, id, name: name === id ? UTC.name : name };
  const iana = ianaOfWindowsZone(id);
  if (iana !== undefined) return { id, name, iana, definition: [] };
  const windowsId = windowsZoneOfIana(id);
  return windowsId === undefined ? undefined : { id: windowsId, name: windowsId, iana: id, definition: [] };
}

/**
 * The zone of a `TimeZoneDefinition`. A custom zone is calculated with the fixed bias of its first period: daylight
 * rules of hand-made zones are not followed.
 *
 * @throws EwsError `ErrorTimeZone` for an id that is unknown and brings no rules.
 */
export function zoneOfDefinition(element: XmlElement): ExchangeZone {
  const id = element.attributes.Id ?? '';
  const name = element.attributes.Name ?? id;
  const known = id === '' ? undefined : zoneOfId(id, name);
  if (known !== undefined) return { ...known, definition: [] };
  const bias = findFirst(element, 'Period')?.attributes.Bias;
  if (bias === undefined) throw new EwsError('ErrorTimeZone', `The time zone '${id}' is not known.`);
  return { id, name, iana: offsetOfBias(bias), definition: element.children.map(nodeFromElement) };
}

/**
 * A zone as a server without recent updates knows it: its clocks are `offset` (such as `+04:00`) away from UTC all year,
 * and it tells so by rules of one period.
 */
export function zoneOfOldData(zone: ExchangeZone, offset: string): ExchangeZone {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  const bias = `${sign === '+' ? '-' : ''}PT${Number(hours)}H${Number(minutes)}M`;
  const period = `trule:Microsoft/Registry/${zone.id}/1-Standard`;
  const to = (kind: string, id: string) => t('Transition', [t('To', id, { Kind: kind })]);
  const definition = [
    t('Periods', [t('Period', [], { Bias: bias, Name: 'Standard', Id: period })]),
    t('TransitionsGroups', [t('TransitionsGroup', [to('Period', period)], { Id: '0' })]),
    t('Transitions', [to('Group', '0')]),
  ];
  return { ...zone, iana: offset, definition };
}

function findFirst(element: XmlElement, name: string): XmlElement | undefined {
  for (const candidate of element.children) {
    if (candidate.name === name) return candidate;
    const inner = findFirst(candidate, name);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/**
 * `Bias` is what must be added to local time to reach UTC, so its sign is turned round (docs/reference/exchange.md
 * §9.2).
 */
function offsetOfBias(bias: string): string {
  const match = /^(-?)P(?:0D)?T(?:(\d+)H)?(?:(\d+)M)?(?:[\d.]+S)?$/.exec(bias);
  if (match === null) throw new EwsError('ErrorTimeZone', `The bias '${bias}' is not a duration of hours and minutes.`);
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  const sign = match[1] === '-' || minutes === 0 ? '+' : '-';
  return `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** The instant (unix ms) of a wall time in a zone; in a DST gap the time after it, in an overlap the first. */
export function instantOfWall(wall: Temporal.PlainDateTime, zone: ExchangeZone): number {
  return wall.toZonedDateTime(zone.iana, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** The wall time of an instant (unix ms) in a zone. */
export function wallOfInstant(instant: number, zone: ExchangeZone): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone.iana).toPlainDateTime();
}
