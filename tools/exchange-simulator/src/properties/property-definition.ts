import type { Recurrence } from '../recurrence/recurrence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import type { XmlNode } from '../soap/xml-node.ts';
import type { CalendarProperties, Person } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';
import type { ExchangeZone } from '../time/exchange-zone.ts';

/** What decides how a property is written. */
export interface WriteContext {
  /** Zone of the response: UTC unless the request has a TimeZoneContext. */
  readonly zone: ExchangeZone;
  /** `RequestServerVersion`. */
  readonly version: string;
  /** Writing for FindItem or SyncFolderItems: long strings are cut, people lose their addresses. */
  readonly light: boolean;
  readonly bodyType: 'Best' | 'HTML' | 'Text';
  /** A person or list as an item (received or own) names them; absent: as the client wrote them. */
  readonly nameOf?: (person: Person, isReceived: boolean) => Person;
}

/** What a client asked to be stored. A `null` recurrence makes a series a single again. */
export interface ItemDraft {
  readonly properties: Partial<CalendarProperties>;
  recurrence?: Recurrence | null;
  uid?: string;
}

export interface ReadContext {
  /** Zone of values without offset. */
  readonly zone: ExchangeZone;
}

/** One property of a calendar item: its names on the wire and both directions. */
export interface PropertyDefinition {
  /** FieldURI, such as `calendar:UID`. */
  readonly uri: string;
  readonly element: string;
  /** False for what only GetItem can return (docs/reference/exchange.md §4.4). */
  readonly findable: boolean;
  /** Part of the `Default` base shape. */
  readonly inDefaultShape: boolean;
  /** Exists only in the schema of Exchange 2016. */
  readonly since2016?: true;
  readonly write: (view: ItemView, context: WriteContext) => XmlNode | undefined;
  /** Absent for read-only properties. */
  readonly read?: (element: XmlElement, draft: ItemDraft, context: ReadContext) => void;
  /** What DeleteItemField does; absent where a property cannot be empty. */
  readonly clear?: (draft: ItemDraft) => void;
}

const LIGHT_STRING_LIMIT = 255;

/** A string property as found items carry it. */
export function lightString(text: string, context: WriteContext): string {
  return context.light ? text.slice(0, LIGHT_STRING_LIMIT) : text;
}
