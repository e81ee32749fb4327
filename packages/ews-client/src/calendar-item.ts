import type { EwsRecurrence } from './recurrence.ts';
import type { EwsTimeZone } from './time-zone-definition.ts';

/** What a calendar entry is: `t:CalendarItemType`. A calendar view never returns `recurringMaster`. */
export type EwsItemKind = 'single' | 'occurrence' | 'exception' | 'recurringMaster';

/** `t:ResponseTypeType` in the words of the project's own protocol. */
export type EwsResponseState = 'unknown' | 'organizer' | 'tentative' | 'accepted' | 'declined' | 'notResponded';

/** `t:LegacyFreeBusyType`. */
export type EwsFreeBusy = 'free' | 'tentative' | 'busy' | 'oof' | 'workingElsewhere' | 'noData';

/** `t:SensitivityChoicesType`. */
export type EwsSensitivity = 'normal' | 'personal' | 'private' | 'confidential';

/** The fields that FindItem can return. Strings may be cut at 255 characters by the server (streamable properties). */
export interface EwsViewItem {
  /** Opaque and case-sensitive; belongs to one mailbox and changes when the item moves between folders. */
  readonly itemId: string;
  /** For equality only; an occurrence has the same one as its master. */
  readonly changeKey: string | null;
  readonly uid: string | null;
  /** CleanGlobalObjectId as upper-case hex: equal for all copies of a meeting and all its occurrences. */
  readonly cleanGlobalObjectId: string | null;
  /** GlobalObjectId as upper-case hex: names the date of an invitation to one occurrence. */
  readonly globalObjectId: string | null;
  readonly kind: EwsItemKind;
  readonly subject: string;
  readonly location: string;
  readonly start: Date;
  readonly end: Date;
  readonly isAllDay: boolean;
  /** The original start of an occurrence or exception. */
  readonly recurrenceId: Date | null;
  readonly isRecurring: boolean;
  readonly isMeeting: boolean;
  readonly isCancelled: boolean;
  /** True when the owner of this mailbox organizes the meeting (no meeting: true). */
  readonly isOrganizer: boolean;
  readonly organizerName: string | null;
  readonly myResponse: EwsResponseState;
  readonly freeBusy: EwsFreeBusy;
  readonly sensitivity: EwsSensitivity;
  readonly categories: readonly string[];
  /** Minutes before the start, or null when no reminder is set. */
  readonly reminderMinutes: number | null;
  readonly lastModified: Date | null;
  /** The zone of the item's start as the server tells it, embedded rules included. */
  readonly startZone: EwsTimeZone | null;
}

/** A `t:Mailbox`. With `routingType` `EX` the address is a legacy distinguished name and must never be mailed. */
export interface EwsMailboxAddress {
  readonly name: string | null;
  readonly address: string | null;
  /** `SMTP`, `EX`, …; null when the server did not say. */
  readonly routingType: string | null;
  /** `Mailbox`, `PublicDL` (a group), `Contact`, …; null when the server did not say. */
  readonly mailboxType: string | null;
}

/** An attendee with the answer this copy of the meeting knows of; complete only in the organizer's copy. */
export interface EwsAttendee extends EwsMailboxAddress {
  readonly response: EwsResponseState;
  /** `t:LastResponseTime`; null when the server did not say, or said that no response came. */
  readonly respondedAt: Date | null;
}

/** One occurrence that differs from its series: `t:ModifiedOccurrences/t:Occurrence`. */
export interface EwsModifiedOccurrence {
  readonly itemId: string;
  readonly start: Date;
  readonly end: Date;
  readonly originalStart: Date;
}

/** Everything that GetItem tells beyond FindItem. The whole body never leaves the reader. */
export interface EwsCalendarItem extends EwsViewItem {
  readonly organizer: EwsMailboxAddress | null;
  readonly requiredAttendees: readonly EwsAttendee[];
  readonly optionalAttendees: readonly EwsAttendee[];
  readonly resources: readonly EwsAttendee[];
  /** First 255 characters (code points) of the body's text, white space collapsed; null when no body was asked for. */
  readonly bodyPreview: string | null;
  /** http, https and trueconf addresses found anywhere in the body: at most 20, each at most 512 characters. */
  readonly bodyLinks: readonly string[];
  readonly joinOnlineMeetingUrl: string | null;
  readonly originalStart: Date | null;
  /** iCalendar SEQUENCE. */
  readonly sequence: number | null;
  /** `t:DateTimeStamp`, iCalendar DTSTAMP: when the organizer sent this state of the meeting. */
  readonly stamp: Date | null;
  /** On masters only. */
  readonly recurrence: EwsRecurrence | null;
  readonly modifiedOccurrences: readonly EwsModifiedOccurrence[];
  /** Original starts of the deleted occurrences of a master. */
  readonly deletedOccurrences: readonly Date[];
  /** The zone in which a series recurs: the master's start zone; null on anything but a master. */
  readonly seriesZone: EwsTimeZone | null;
}
