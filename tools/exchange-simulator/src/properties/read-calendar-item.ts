import { EwsError, violationAt } from '../ews-error.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import type { StoredExtendedProperty } from '../store/calendar-item.ts';
import { readExtendedProperty } from './extended-properties.ts';
import type { ItemDraft, ReadContext } from './property-definition.ts';
import { FIRST_AFTER_EXTENDED, PROPERTY_TABLE, propertyByElement } from './property-table.ts';

const EXTENDED_POSITION = PROPERTY_TABLE.findIndex(({ uri }) => uri === FIRST_AFTER_EXTENDED) - 0.5;

/**
 * Reads a `t:CalendarItem` to be created.
 *
 * @throws EwsError `ErrorSchemaValidation` for an unknown or misplaced element, `ErrorInvalidPropertySet` for a read-only
 * property.
 */
export function readCalendarItem(element: XmlElement, context: ReadContext): ItemDraft {
  const draft: ItemDraft = { properties: {} };
  const extended: StoredExtendedProperty[] = [];
  let reached = -1;
  for (const field of element.children) {
    const position = positionOf(field);
    if (position < reached)
      throw violationAt(field, `The element 'CalendarItem' has '${field.name}' in the wrong place.`);
    reached = position;
    if (field.name === 'ExtendedProperty') extended.push(readExtendedProperty(field));
    else readField(field, draft, context);
  }
  if (extended.length > 0) draft.properties.extended = extended;
  return draft;
}

function positionOf(field: XmlElement): number {
  if (field.name === 'ExtendedProperty') return EXTENDED_POSITION;
  const position = PROPERTY_TABLE.findIndex(({ element }) => element === field.name);
  if (position < 0) throw violationAt(field, `The element 'CalendarItem' has invalid child element '${field.name}'.`);
  return position;
}

/**
 * Reads one property into a draft.
 *
 * @throws EwsError `ErrorInvalidPropertySet` when clients cannot set it.
 */
export function readField(field: XmlElement, draft: ItemDraft, context: ReadContext): void {
  const definition = propertyByElement(field.name);
  if (definition?.read === undefined) {
    throw new EwsError(
      'ErrorInvalidPropertySet',
      `Set action is invalid for property ${definition?.uri ?? field.name}.`,
    );
  }
  definition.read(field, draft, context);
}
