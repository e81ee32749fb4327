import { EwsError, violationAt } from '../ews-error.ts';
import { checkSequence, enumText, requiredChild } from '../soap/check-sequence.ts';
import { isSchemaOf2016 } from '../soap/read-envelope.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import type { ItemView } from '../store/item-view.ts';
import { type ExtendedPropertyPath, readExtendedPath, writeExtendedProperty } from './extended-properties.ts';
import type { PropertyDefinition, WriteContext } from './property-definition.ts';
import { FIRST_AFTER_EXTENDED, PROPERTY_TABLE, propertyByUri } from './property-table.ts';

/** Which properties a client wants. */
export interface ItemShape {
  readonly properties: ReadonlySet<PropertyDefinition>;
  readonly extended: readonly ExtendedPropertyPath[];
  readonly bodyType: WriteContext['bodyType'];
}

const KNOWN_PREFIX = /^(item|calendar):[A-Za-z]+$/;
const OTHER_PREFIX =
  /^(message|meeting|meetingRequest|task|contacts|distributionlist|postitem|conversation|folder):[A-Za-z]+$/;
const SHAPE_SEQUENCE = [
  'BaseShape', 'IncludeMimeContent', 'BodyType', 'UniqueBodyType', 'NormalizedBodyType', 'FilterHtmlContent',
  'ConvertHtmlCodePageToUTF8', 'InlineImageUrlTemplate', 'BlockExternalImages', 'AddBlankTargetToLinks', 'MaximumBodySize',
  'AdditionalProperties',
]; // biome-ignore format: a list

/**
 * Reads `ItemShape`.
 *
 * @throws EwsError `ErrorSchemaValidation`; `ErrorInvalidPropertyRequest` for a 2016 property in an older schema.
 */
export function readItemShape(element: XmlElement, version: string): ItemShape {
  checkSequence(element, SHAPE_SEQUENCE);
  const base = enumText(requiredChild(element, 'BaseShape'), ['IdOnly', 'Default', 'AllProperties', 'PcxPeopleSearch']);
  const properties = new Set(PROPERTY_TABLE.filter((definition) => isInBase(definition, base, version)));
  const extended: ExtendedPropertyPath[] = [];
  const additional = child(element, 'AdditionalProperties');
  for (const path of additional?.children ?? []) {
    if (path.name === 'ExtendedFieldURI') {
      extended.push(readExtendedPath(path));
    } else if (path.name === 'FieldURI') {
      const definition = readFieldUri(path, version);
      if (definition !== undefined) properties.add(definition);
    } else if (path.name !== 'IndexedFieldURI') {
      throw violationAt(path, `The element 'AdditionalProperties' has invalid child element '${path.name}'.`);
    }
  }
  const bodyType = child(element, 'BodyType');
  return {
    properties,
    extended,
    bodyType: bodyType === undefined ? 'Best' : enumText(bodyType, ['Best', 'HTML', 'Text']),
  };
}

function isInBase(definition: PropertyDefinition, base: string, version: string): boolean {
  if (definition.uri === 'item:ItemId') return true;
  if (base === 'Default') return definition.inDefaultShape;
  if (base !== 'AllProperties') return false;
  return definition.since2016 === undefined || isSchemaOf2016(version);
}

/** The property of a FieldURI; undefined for real ones that calendar items here never carry (MimeContent, Attachments …). */
function readFieldUri(element: XmlElement, version: string): PropertyDefinition | undefined {
  const uri = element.attributes.FieldURI ?? '';
  const definition = propertyByUri(uri);
  if (definition?.since2016 === true && !isSchemaOf2016(version)) {
    throw new EwsError(
      'ErrorInvalidPropertyRequest',
      `The property ${uri} is not part of the schema version ${version}.`,
      { fault: true },
    );
  }
  if (definition === undefined && !KNOWN_PREFIX.test(uri) && !OTHER_PREFIX.test(uri)) {
    throw violationAt(
      element,
      `The 'FieldURI' attribute is invalid - The value '${uri}' is invalid according to its datatype.`,
    );
  }
  return definition;
}

/** Writes `t:CalendarItem` with the wanted properties, in the order of the schema. */
export function writeCalendarItem(view: ItemView, shape: ItemShape, context: Omit<WriteContext, 'bodyType'>): XmlNode {
  const full: WriteContext = { ...context, bodyType: shape.bodyType };
  const nodes: XmlNode[] = [];
  for (const definition of PROPERTY_TABLE) {
    if (definition.uri === FIRST_AFTER_EXTENDED) nodes.push(...writeExtended(view, shape));
    if (!shape.properties.has(definition) || (full.light && !definition.findable)) continue;
    const node = definition.write(view, full);
    if (node !== undefined) nodes.push(node);
  }
  return t('CalendarItem', nodes);
}

function writeExtended(view: ItemView, shape: ItemShape): XmlNode[] {
  return shape.extended.map((path) => writeExtendedProperty(view, path)).filter((node) => node !== undefined);
}
