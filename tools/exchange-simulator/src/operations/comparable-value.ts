import { violationAt } from '../ews-error.ts';
import { readExtendedPath, writeExtendedProperty } from '../properties/extended-properties.ts';
import { propertyByUri } from '../properties/property-table.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { nodeText } from '../soap/xml-node.ts';
import type { ItemView } from '../store/item-view.ts';
import { UTC } from '../time/exchange-zone.ts';

/** Text of one property of a view, as it is compared by restrictions and sort orders; undefined when not set. */
export type ReadValue = (view: ItemView) => string | undefined;

const CONTEXT = { zone: UTC, version: 'V2016_10_10', light: false, bodyType: 'Best' } as const;

/** The value behind a `FieldURI` or `ExtendedFieldURI`. */
export function readValueOf(path: XmlElement): ReadValue {
  if (path.name === 'ExtendedFieldURI') {
    const extended = readExtendedPath(path);
    return (view) => {
      const node = writeExtendedProperty(view, extended);
      return node === undefined ? undefined : nodeText(node);
    };
  }
  const definition = propertyByUri(path.attributes.FieldURI ?? '');
  if (path.name !== 'FieldURI' || definition === undefined) {
    throw violationAt(path, `The simulator cannot compare '${path.attributes.FieldURI ?? path.name}'.`);
  }
  return (view) => {
    const node = definition.write(view, CONTEXT);
    return node === undefined ? undefined : nodeText(node);
  };
}

/** Orders two property texts: dates as instants, numbers as numbers, else letters without regard to case. */
export function compareValues(left: string, right: string): number {
  const dates = [left, right].map((text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN));
  if (dates.every((date) => !Number.isNaN(date))) return dates[0]! - dates[1]!;
  const numbers = [left, right].map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (numbers.every((number) => !Number.isNaN(number))) return numbers[0]! - numbers[1]!;
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}
