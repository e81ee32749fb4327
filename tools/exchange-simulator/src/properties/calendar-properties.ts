import { cleanGlobalObjectId, uidOfGlobalObjectId } from '../ids.ts';
import { readRecurrence } from '../recurrence/recurrence-xml.ts';
import { booleanText, enumText, integerText } from '../soap/check-sequence.ts';
import { nodeFromElement, nodeText, t, type XmlNode } from '../soap/xml-node.ts';
import { FREE_BUSY_STATUSES } from '../store/calendar-item.ts';
import { readDateTime, writeDateTime } from '../time/exchange-time.ts';
import { type ExchangeZone, zoneOfDefinition } from '../time/exchange-zone.ts';
import { appointmentState, hasAttendees } from './extended-properties.ts';
import { readAttendees, writeAttendees, writeMailbox } from './people-xml.ts';
import { lightString, type PropertyDefinition, type WriteContext } from './property-definition.ts';
import {
  deletedOccurrences,
  firstOccurrence,
  lastOccurrence,
  modifiedOccurrences,
  originalStart,
  recurrence,
} from './series-properties.ts';

interface Options {
  readonly findable?: false;
  readonly inDefaultShape?: true;
  readonly since2016?: true;
  readonly read?: PropertyDefinition['read'];
  readonly clear?: PropertyDefinition['clear'];
}

function property(element: string, write: PropertyDefinition['write'], options: Options = {}): PropertyDefinition {
  const { read, clear, since2016 } = options;
  return {
    uri: `calendar:${element}`,
    element,
    findable: options.findable ?? true,
    inDefaultShape: options.inDefaultShape ?? false,
    write,
    ...(read === undefined ? {} : { read }),
    ...(clear === undefined ? {} : { clear }),
    ...(since2016 === undefined ? {} : { since2016 }),
  };
}

function boolean(name: string, value: boolean): XmlNode {
  return t(name, String(value));
}

function text(name: string, value: string | undefined, context: WriteContext): XmlNode | undefined {
  return value === undefined ? undefined : t(name, lightString(value, context));
}

function zoneNode(name: string, zone: ExchangeZone): XmlNode {
  return t(name, zone.definition, { Name: zone.name, Id: zone.id });
}

/** An ISO 8601 duration of whole minutes, with days as Exchange writes it. */
function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const days = Math.floor(minutes / 1440);
  const parts = [Math.floor((minutes % 1440) / 60), minutes % 60] as const;
  const time = `${parts[0] > 0 ? `${parts[0]}H` : ''}${parts[1] > 0 ? `${parts[1]}M` : ''}`;
  if (days === 0 && time === '') return 'PT0S';
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
}

/** The `calendar:` properties in the order of the schema. */
export const CALENDAR_PROPERTIES: readonly PropertyDefinition[] = [
  property(
    'UID',
    ({ item }) => t('UID', item.uid === '' ? uidOfGlobalObjectId(cleanGlobalObjectId(item.globalObjectId)) : item.uid),
    {
      read: (element, draft) => {
        draft.uid = element.text.trim();
      },
    },
  ),
  property('RecurrenceId', originalStart('RecurrenceId')),
  property('DateTimeStamp', ({ properties }, context) =>
    t('DateTimeStamp', writeDateTime(properties.stampedAt, context.zone)),
  ),
  property('Start', ({ properties }, context) => t('Start', writeDateTime(properties.start, context.zone)), {
    inDefaultShape: true,
    read: (element, draft, context) => {
      draft.properties.start = readDateTime(element, context.zone);
    },
  }),
  property('End', ({ properties }, context) => t('End', writeDateTime(properties.end, context.zone)), {
    inDefaultShape: true,
    read: (element, draft, context) => {
      draft.properties.end = readDateTime(element, context.zone);
    },
  }),
  property('OriginalStart', originalStart('OriginalStart'), { findable: false }),
  property('IsAllDayEvent', ({ properties }) => boolean('IsAllDayEvent', properties.isAllDay), {
    read: (element, draft) => {
      draft.properties.isAllDay = booleanText(element);
    },
  }),
  property('LegacyFreeBusyStatus', ({ properties }) => t('LegacyFreeBusyStatus', properties.freeBusy), {
    inDefaultShape: true,
    read: (element, draft) => {
      draft.properties.freeBusy = enumText(element, FREE_BUSY_STATUSES);
    },
  }),
  property('Location', ({ properties }, context) => text('Location', properties.location, context), {
    inDefaultShape: true,
    read: (element, draft) => {
      draft.properties.location = element.text;
    },
    clear: (draft) => {
      draft.properties.location = undefined;
    },
  }),
  property('When', () => undefined, { read: () => {}, clear: () => {} }),
  property('IsMeeting', (view) => boolean('IsMeeting', view.properties.isReceived || hasAttendees(view))),
  property('IsCancelled', ({ properties }) => boolean('IsCancelled', properties.isCancelled)),
  property('IsRecurring', ({ kind }) => boolean('IsRecurring', kind === 'Occurrence' || kind === 'Exception')),
  property('MeetingRequestWasSent', ({ properties }) =>
    boolean('MeetingRequestWasSent', properties.meetingRequestWasSent),
  ),
  property('IsResponseRequested', ({ properties }) => boolean('IsResponseRequested', properties.isResponseRequested), {
    read: (element, draft) => {
      draft.properties.isResponseRequested = booleanText(element);
    },
  }),
  property('CalendarItemType', ({ kind }) => t('CalendarItemType', kind), { inDefaultShape: true }),
  property('MyResponseType', ({ properties }) => t('MyResponseType', properties.myResponse)),
  property(
    'Organizer',
    ({ properties: { organizer, isReceived } }, context) =>
      t('Organizer', writeMailbox(context.nameOf?.(organizer, isReceived) ?? organizer, context.light)),
    {
      inDefaultShape: true,
    },
  ),
  ...attendeeLists(),
  property('ConflictingMeetingCount', () => undefined, { findable: false }),
  property('AdjacentMeetingCount', () => undefined, { findable: false }),
  property('Duration', ({ properties }) => t('Duration', duration(properties.end - properties.start))),
  property('TimeZone', ({ properties }) => t('TimeZone', properties.startZone.name)),
  property('AppointmentReplyTime', ({ properties }, context) =>
    properties.repliedAt === undefined
      ? undefined
      : t('AppointmentReplyTime', writeDateTime(properties.repliedAt, context.zone)),
  ),
  property(
    'AppointmentSequenceNumber',
    ({ properties }) => t('AppointmentSequenceNumber', String(properties.sequence)),
    {
      findable: false,
    },
  ),
  property('AppointmentState', (view) => t('AppointmentState', String(appointmentState(view)))),
  property('Recurrence', recurrence, {
    findable: false,
    read: (element, draft) => {
      draft.recurrence = readRecurrence(element);
    },
    clear: (draft) => {
      draft.recurrence = null;
    },
  }),
  property('FirstOccurrence', firstOccurrence, { findable: false }),
  property('LastOccurrence', lastOccurrence, { findable: false }),
  property('ModifiedOccurrences', modifiedOccurrences, { findable: false }),
  property('DeletedOccurrences', deletedOccurrences, { findable: false }),
  property('MeetingTimeZone', () => undefined, { findable: false, read: () => {} }),
  property('StartTimeZone', ({ properties }) => zoneNode('StartTimeZone', properties.startZone), {
    read: (element, draft) => {
      draft.properties.startZone = zoneOfDefinition(element);
    },
    clear: () => {},
  }),
  property('EndTimeZone', ({ properties }) => zoneNode('EndTimeZone', properties.endZone), {
    read: (element, draft) => {
      draft.properties.endZone = zoneOfDefinition(element);
    },
    clear: () => {},
  }),
  property('ConferenceType', ({ properties }) => t('ConferenceType', String(properties.conferenceType)), {
    read: (element, draft) => {
      draft.properties.conferenceType = integerText(element, element.text, 0, 2);
    },
  }),
  property(
    'AllowNewTimeProposal',
    ({ properties }) => boolean('AllowNewTimeProposal', properties.allowNewTimeProposal),
    {
      read: (element, draft) => {
        draft.properties.allowNewTimeProposal = booleanText(element);
      },
    },
  ),
  property('IsOnlineMeeting', ({ properties }) => boolean('IsOnlineMeeting', properties.isOnlineMeeting), {
    read: (element, draft) => {
      draft.properties.isOnlineMeeting = booleanText(element);
    },
  }),
  property(
    'MeetingWorkspaceUrl',
    ({ properties }, context) => text('MeetingWorkspaceUrl', properties.meetingWorkspaceUrl, context),
    {
      read: (element, draft) => {
        draft.properties.meetingWorkspaceUrl = element.text;
      },
      clear: (draft) => {
        draft.properties.meetingWorkspaceUrl = undefined;
      },
    },
  ),
  property('NetShowUrl', ({ properties }, context) => text('NetShowUrl', properties.netShowUrl, context), {
    read: (element, draft) => {
      draft.properties.netShowUrl = element.text;
    },
    clear: (draft) => {
      draft.properties.netShowUrl = undefined;
    },
  }),
  property('EnhancedLocation', ({ properties }) => enhancedLocation(properties.enhancedLocation, properties.location), {
    read: (element, draft) => {
      const node = nodeFromElement(element);
      draft.properties.enhancedLocation = node;
      draft.properties.location = nodeText(
        node.children.find((part) => typeof part === 'object' && part.name === 'DisplayName'),
      );
    },
    clear: (draft) => {
      draft.properties.enhancedLocation = undefined;
    },
  }),
  property(
    'StartWallClock',
    ({ properties }) => t('StartWallClock', writeDateTime(properties.start, properties.startZone)),
    {
      since2016: true,
    },
  ),
  property('EndWallClock', ({ properties }) => t('EndWallClock', writeDateTime(properties.end, properties.endZone)), {
    since2016: true,
  }),
  property('StartTimeZoneId', ({ properties }) => t('StartTimeZoneId', properties.startZone.id), { since2016: true }),
  property('EndTimeZoneId', ({ properties }) => t('EndTimeZoneId', properties.endZone.id), { since2016: true }),
  property('IntendedFreeBusyStatus', ({ properties }) => t('IntendedFreeBusyStatus', properties.intendedFreeBusy)),
  property('JoinOnlineMeetingUrl', ({ properties }, context) =>
    text('JoinOnlineMeetingUrl', properties.joinOnlineMeetingUrl, context),
  ),
  property('IsOrganizer', ({ properties }) => boolean('IsOrganizer', !properties.isReceived)),
];

function attendeeLists(): PropertyDefinition[] {
  const lists = [
    ['RequiredAttendees', 'requiredAttendees'],
    ['OptionalAttendees', 'optionalAttendees'],
    ['Resources', 'resources'],
  ] as const;
  return lists.map(([element, key]) =>
    property(
      element,
      ({ properties }, context) => writeAttendees(element, properties[key], properties.isReceived, context),
      {
        findable: false,
        read: (received, draft) => {
          draft.properties[key] = readAttendees(received);
        },
        clear: (draft) => {
          draft.properties[key] = [];
        },
      },
    ),
  );
}

function enhancedLocation(stored: XmlNode | undefined, location: string | undefined): XmlNode | undefined {
  if (stored !== undefined) return stored;
  if (location === undefined) return undefined;
  return t('EnhancedLocation', [
    t('DisplayName', location),
    t('PostalAddress', [t('Type', 'Business'), t('LocationSource', 'None')]),
  ]);
}
