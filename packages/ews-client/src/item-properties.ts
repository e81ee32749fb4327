import type { SchemaVersion } from './request-contract.ts';
import type { RequestBody } from './soap-writer.ts';

// What FindItem can return of a calendar item (docs/reference/exchange.md §4.4, §7.1). All of it exists since Exchange
// 2010.
const viewFields: readonly string[] = [
  'item:Subject',
  'item:Sensitivity',
  'item:Categories',
  'item:ReminderIsSet',
  'item:ReminderMinutesBeforeStart',
  'item:LastModifiedTime',
  'calendar:UID',
  'calendar:RecurrenceId',
  'calendar:Start',
  'calendar:End',
  'calendar:IsAllDayEvent',
  'calendar:LegacyFreeBusyStatus',
  'calendar:Location',
  'calendar:IsMeeting',
  'calendar:IsCancelled',
  'calendar:IsRecurring',
  'calendar:CalendarItemType',
  'calendar:MyResponseType',
  'calendar:Organizer',
  'calendar:AppointmentState',
  'calendar:StartTimeZone',
];

const detailFields: readonly string[] = [
  'calendar:OriginalStart',
  'calendar:RequiredAttendees',
  'calendar:OptionalAttendees',
  'calendar:Resources',
  'calendar:AppointmentSequenceNumber',
  'calendar:DateTimeStamp',
  'calendar:Recurrence',
  'calendar:ModifiedOccurrences',
  'calendar:DeletedOccurrences',
];
/** Older schemas do not know it and refuse the request. */
const detailFieldsOf2013: readonly string[] = ['calendar:JoinOnlineMeetingUrl'];

/** Ids of MAPI properties in the `Meeting` set. */
export const globalObjectIdProperty = 3;
export const cleanGlobalObjectIdProperty = 35;

/** Ask for ids alone: what makes SyncFolderItems cheap (docs/reference/exchange.md §5.1). */
export const idOnlyShape: RequestBody = { BaseShape: 'IdOnly' };

/** Ask for everything of an `EwsViewItem`. */
export const viewShape: RequestBody = { BaseShape: 'IdOnly', AdditionalProperties: properties(viewFields) };

/** Ask for everything of an `EwsCalendarItem`, the body as plain text. */
export function detailShape(body: 'preview' | 'none', version: SchemaVersion = 'Exchange2013_SP1'): RequestBody {
  const newer = version === 'Exchange2013_SP1' ? detailFieldsOf2013 : [];
  const fields = [...viewFields, ...detailFields, ...newer];
  if (body === 'none') return { BaseShape: 'IdOnly', AdditionalProperties: properties(fields) };
  return { BaseShape: 'IdOnly', BodyType: 'Text', AdditionalProperties: properties([...fields, 'item:Body']) };
}

function properties(fields: readonly string[]): RequestBody {
  return {
    FieldURI: fields.map((field) => ({ attributes: { FieldURI: field } })),
    ExtendedFieldURI: [globalObjectIdProperty, cleanGlobalObjectIdProperty].map((id) => ({
      attributes: { DistinguishedPropertySetId: 'Meeting', PropertyId: id, PropertyType: 'Binary' },
    })),
  };
}
