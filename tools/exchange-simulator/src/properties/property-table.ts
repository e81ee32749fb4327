import { CALENDAR_PROPERTIES } from './calendar-properties.ts';
import { ITEM_PROPERTIES, LATE_ITEM_PROPERTIES } from './item-properties.ts';
import type { PropertyDefinition } from './property-definition.ts';

/** Every property of a calendar item that the simulator knows, in the order of the schema. */
export const PROPERTY_TABLE: readonly PropertyDefinition[] = [
  ...ITEM_PROPERTIES,
  ...LATE_ITEM_PROPERTIES,
  ...CALENDAR_PROPERTIES,
];

/** ExtendedProperty elements stand before the property with this URI. */
export const FIRST_AFTER_EXTENDED = LATE_ITEM_PROPERTIES[0]!.uri;

const BY_URI = new Map(PROPERTY_TABLE.map((definition) => [definition.uri, definition]));
const BY_ELEMENT = new Map(PROPERTY_TABLE.map((definition) => [definition.element, definition]));

export function propertyByUri(uri: string): PropertyDefinition | undefined {
  return BY_URI.get(uri);
}

export function propertyByElement(element: string): PropertyDefinition | undefined {
  return BY_ELEMENT.get(element);
}
