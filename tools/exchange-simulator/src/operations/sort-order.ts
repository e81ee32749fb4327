import type { XmlElement } from '../soap/xml-element.ts';
import type { ItemView } from '../store/item-view.ts';
import { compareValues, type ReadValue, readValueOf } from './comparable-value.ts';

export interface SortKey {
  readonly value: ReadValue;
  readonly descending: boolean;
}

/** Reads `SortOrder`; no element means the order of creation. */
export function readSortOrder(element: XmlElement | undefined): SortKey[] {
  return (element?.children ?? []).map((field) => ({
    value: field.children[0] === undefined ? () => undefined : readValueOf(field.children[0]),
    descending: field.attributes.Order === 'Descending',
  }));
}

/** A comparator over several keys. */
export function compareBy(keys: readonly SortKey[]): (a: ItemView, b: ItemView) => number {
  return (a, b) => {
    for (const { value, descending } of keys) {
      const difference = compareValues(value(a) ?? '', value(b) ?? '');
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}
