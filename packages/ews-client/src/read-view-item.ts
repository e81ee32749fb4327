import type { EwsFreeBusy, EwsItemKind, EwsResponseState, EwsSensitivity, EwsViewItem } from './calendar-item.ts';
import {
  flag,
  optionalInteger,
  optionalMoment,
  optionalText,
  optionalTime,
  required,
  requiredAttribute,
  requiredMoment,
} from './element-fields.ts';
import { cleanGlobalObjectIdProperty, globalObjectIdProperty } from './item-properties.ts';
import { readTimeZone } from './read-time-zone.ts';
import type { XmlElement } from './xml-element.ts';
import { UnreadableFieldError } from './xsd-values.ts';

/**
 * The fields of a `t:CalendarItem` that FindItem and GetItem share.
 * @throws UnreadableFieldError when the item lacks its id or its times, or a field is not of its type.
 */
export function readViewItem(element: XmlElement): EwsViewItem {
  const itemId = required(element, 't:ItemId');
  const myResponse = readResponse(optionalText(element, 't:MyResponseType'));
  const state = optionalInteger(element, 't:AppointmentState');
  return {
    itemId: requiredAttribute(itemId, 'Id'),
    changeKey: itemId.attribute('ChangeKey') ?? null,
    uid: optionalText(element, 't:UID'),
    cleanGlobalObjectId: meetingId(element, cleanGlobalObjectIdProperty),
    globalObjectId: meetingId(element, globalObjectIdProperty),
    kind: readKind(element),
    subject: optionalText(element, 't:Subject') ?? '',
    location: optionalText(element, 't:Location') ?? '',
    start: requiredMoment(element, 't:Start'),
    end: requiredMoment(element, 't:End'),
    isAllDay: flag(element, 't:IsAllDayEvent'),
    recurrenceId: optionalMoment(element, 't:RecurrenceId'),
    isRecurring: flag(element, 't:IsRecurring'),
    isMeeting: flag(element, 't:IsMeeting'),
    isCancelled: flag(element, 't:IsCancelled') || hasBit(state, cancelledBit),
    isOrganizer: state === null ? myResponse === 'organizer' || myResponse === 'unknown' : !hasBit(state, receivedBit),
    organizerName: organizerName(element),
    myResponse,
    freeBusy: freeBusyStates.get(optionalText(element, 't:LegacyFreeBusyStatus') ?? '') ?? 'noData',
    sensitivity: readSensitivity(optionalText(element, 't:Sensitivity')),
    categories: (element.child('t:Categories')?.children ?? []).map((category) => category.text.trim()).filter(Boolean),
    reminderMinutes: flag(element, 't:ReminderIsSet') ? optionalInteger(element, 't:ReminderMinutesBeforeStart') : null,
    lastModified: optionalTime(element, 't:LastModifiedTime'),
    startZone: readTimeZone(element.child('t:StartTimeZone')),
  };
}

/** A `t:ResponseTypeType`; missing and unknown values read `unknown`. */
export function readResponse(text: string | null): EwsResponseState {
  return responses.get(text ?? '') ?? 'unknown';
}

// Bits of AppointmentState (MS-OXOCAL 2.2.1.10).
const receivedBit = 2;
const cancelledBit = 4;

function hasBit(state: number | null, bit: number): boolean {
  return state !== null && (state & bit) !== 0;
}

/** A server that names no kind tells it by what else it tells. */
function readKind(element: XmlElement): EwsItemKind {
  const text = optionalText(element, 't:CalendarItemType');
  if (text === null) {
    if (optionalText(element, 't:RecurrenceId') !== null) return 'occurrence';
    const recurs = element.child('t:Recurrence') !== undefined || flag(element, 't:IsRecurring');
    return recurs ? 'recurringMaster' : 'single';
  }
  const kind = kinds.get(text);
  if (kind === undefined) throw new UnreadableFieldError('t:CalendarItemType', 'is no known kind');
  return kind;
}

/** An unknown value counts as private: rather too little shown than too much. */
function readSensitivity(text: string | null): EwsSensitivity {
  return text === null ? 'normal' : (sensitivities.get(text) ?? 'private');
}

function organizerName(element: XmlElement): string | null {
  const mailbox = element.descend('t:Organizer', 't:Mailbox');
  return mailbox === undefined ? null : optionalText(mailbox, 't:Name');
}

/** A binary MAPI property of the Meeting set as upper-case hex, the form that UIDs have. */
function meetingId(element: XmlElement, propertyId: number): string | null {
  const property = element.children.find(
    (child) =>
      child.name === 't:ExtendedProperty' &&
      child.child('t:ExtendedFieldURI')?.attribute('PropertyId') === String(propertyId),
  );
  const bytes = Buffer.from(property?.childText('t:Value') ?? '', 'base64');
  return bytes.length === 0 ? null : bytes.toString('hex').toUpperCase();
}

const kinds: ReadonlyMap<string, EwsItemKind> = new Map(
  Object.entries({
    Single: 'single',
    Occurrence: 'occurrence',
    Exception: 'exception',
    RecurringMaster: 'recurringMaster',
  } as const),
);
const responses: ReadonlyMap<string, EwsResponseState> = new Map(
  Object.entries({
    Unknown: 'unknown',
    Organizer: 'organizer',
    Tentative: 'tentative',
    Accept: 'accepted',
    Decline: 'declined',
    NoResponseReceived: 'notResponded',
  } as const),
);
const freeBusyStates: ReadonlyMap<string, EwsFreeBusy> = new Map(
  Object.entries({
    Free: 'free',
    Tentative: 'tentative',
    Busy: 'busy',
    OOF: 'oof',
    WorkingElsewhere: 'workingElsewhere',
    NoData: 'noData',
  } as const),
);
const sensitivities: ReadonlyMap<string, EwsSensitivity> = new Map(
  Object.entries({
    Normal: 'normal',
    Personal: 'personal',
    Private: 'private',
    Confidential: 'confidential',
  } as const),
);
