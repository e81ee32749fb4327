import { violationAt } from '../ews-error.ts';
import { cleanGlobalObjectId, globalObjectIdOfOccurrence } from '../ids.ts';
import { requiredChild } from '../soap/check-sequence.ts';
import { child, childrenNamed, type XmlElement } from '../soap/xml-element.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import { FREE_BUSY_STATUSES, RESPONSE_TYPES, type StoredExtendedProperty } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';
import { writeDateTime } from '../time/exchange-time.ts';
import { UTC } from '../time/exchange-zone.ts';

/** A request for a MAPI property. */
export interface ExtendedPropertyPath {
  readonly identity: string;
  readonly uri: Readonly<Record<string, string>>;
}

const PROPERTY_SET_IDS = {
  Meeting: '6ed8da90-450b-101b-98da-00aa003f1305',
  Appointment: '00062002-0000-0000-c000-000000000046',
  Common: '00062008-0000-0000-c000-000000000046',
  PublicStrings: '00020329-0000-0000-c000-000000000046',
} as const;
const NAMED_SETS: ReadonlyMap<string, string> = new Map(Object.entries(PROPERTY_SET_IDS));

/** Reads `ExtendedFieldURI`; a set named by its GUID and by its well-known name are the same property. */
export function readExtendedPath(element: XmlElement): ExtendedPropertyPath {
  const { PropertyTag, PropertySetId, DistinguishedPropertySetId, PropertyName, PropertyId, PropertyType } =
    element.attributes;
  if (PropertyType === undefined) throw violationAt(element, "The required attribute 'PropertyType' is missing.");
  const uri = { ...element.attributes };
  if (PropertyTag !== undefined) return { identity: `tag:${Number(PropertyTag)}:${PropertyType}`, uri };
  const named = NAMED_SETS.get(DistinguishedPropertySetId ?? '');
  const set = (PropertySetId ?? named ?? DistinguishedPropertySetId)?.toLowerCase();
  const key = PropertyId === undefined ? PropertyName : String(Number(PropertyId));
  if (set === undefined || key === undefined) {
    throw violationAt(element, 'An extended property is named by a tag, or by a property set with an id or a name.');
  }
  return { identity: `${set}:${key}:${PropertyType}`, uri };
}

/** Reads `ExtendedProperty` of an item to be stored. */
export function readExtendedProperty(element: XmlElement): StoredExtendedProperty {
  const path = readExtendedPath(requiredChild(element, 'ExtendedFieldURI'));
  const list = child(element, 'Values');
  const values =
    list === undefined ? [requiredChild(element, 'Value').text] : childrenNamed(list, 'Value').map(({ text }) => text);
  return { ...path, values };
}

/** Writes one requested extended property; undefined when the item does not have it. */
export function writeExtendedProperty(view: ItemView, path: ExtendedPropertyPath): XmlNode | undefined {
  const computed = COMPUTED.get(path.identity)?.(view);
  const stored = view.properties.extended.find(({ identity }) => identity === path.identity);
  const values = computed === undefined ? stored?.values : [computed];
  if (values === undefined) return undefined;
  const several = path.uri.PropertyType?.endsWith('Array') === true;
  const nodes = values.map((value) => t('Value', value));
  return t('ExtendedProperty', [
    t('ExtendedFieldURI', [], path.uri),
    ...(several ? [t('Values', nodes)] : nodes.slice(0, 1)),
  ]);
}

type Compute = (view: ItemView) => string | undefined;

/** GlobalObjectId of what the view shows: an occurrence carries its date. */
function globalObjectIdOf(view: ItemView): Buffer {
  const { globalObjectId } = view.item;
  return view.occurrence === undefined
    ? globalObjectId
    : globalObjectIdOfOccurrence(globalObjectId, view.occurrence.day);
}

/** `AppointmentState` bits: 1 meeting, 2 received, 4 cancelled (docs/reference/exchange.md §7.1). */
export function appointmentState(view: ItemView): number {
  const { properties } = view;
  const meeting = properties.isReceived || hasAttendees(view) ? 1 : 0;
  return meeting | (properties.isReceived ? 2 : 0) | (properties.isCancelled ? 4 : 0);
}

export function hasAttendees({ properties }: ItemView): boolean {
  return properties.requiredAttendees.length + properties.optionalAttendees.length + properties.resources.length > 0;
}

/** olResponse numbers: none, organized, tentative, accepted, declined, not responded. */
const RESPONSE_NUMBERS = [0, 1, 2, 3, 4, 5];
const BUSY_NUMBERS: Readonly<Record<string, number>> = {
  Free: 0,
  Tentative: 1,
  Busy: 2,
  OOF: 3,
  WorkingElsewhere: 4,
  NoData: 0,
};

const appointment = (id: number, type: string) => `${PROPERTY_SET_IDS.Appointment}:${id}:${type}`;
const common = (id: number, type: string) => `${PROPERTY_SET_IDS.Common}:${id}:${type}`;
const meeting = (id: number, type: string) => `${PROPERTY_SET_IDS.Meeting}:${id}:${type}`;

/** Properties that follow from the item itself. AppointmentRecur and TimeZoneDefinitionRecur are not imitated. */
const COMPUTED: ReadonlyMap<string, Compute> = new Map<string, Compute>(
  Object.entries({
    [meeting(0x03, 'Binary')]: (view) => globalObjectIdOf(view).toString('base64'),
    [meeting(0x23, 'Binary')]: (view) => cleanGlobalObjectId(view.item.globalObjectId).toString('base64'),
    [appointment(0x8201, 'Integer')]: ({ properties }) => String(properties.sequence),
    [appointment(0x8205, 'Integer')]: ({ properties }) =>
      String(BUSY_NUMBERS[FREE_BUSY_STATUSES.find((status) => status === properties.freeBusy) ?? 'Busy']),
    [appointment(0x820d, 'SystemTime')]: ({ properties }) => writeDateTime(properties.start, UTC),
    [appointment(0x820e, 'SystemTime')]: ({ properties }) => writeDateTime(properties.end, UTC),
    [appointment(0x8215, 'Boolean')]: ({ properties }) => String(properties.isAllDay),
    [appointment(0x8217, 'Integer')]: (view) => String(appointmentState(view)),
    [appointment(0x8218, 'Integer')]: ({ properties }) =>
      String(RESPONSE_NUMBERS[RESPONSE_TYPES.indexOf(properties.myResponse)] ?? 0),
    [appointment(0x8228, 'SystemTime')]: ({ occurrence, kind }) =>
      occurrence === undefined || kind !== 'Exception' ? undefined : writeDateTime(occurrence.originalStart, UTC),
    [common(0x8501, 'Integer')]: ({ properties }) => String(properties.reminderMinutes),
    [common(0x8503, 'Boolean')]: ({ properties }) => String(properties.reminderIsSet),
    [common(0x8506, 'Boolean')]: ({ properties }) =>
      String(['Private', 'Confidential'].includes(properties.sensitivity)),
  } satisfies Record<string, Compute>),
);
