import type { CivilDay } from '../recurrence/civil-day.ts';
import type { Recurrence } from '../recurrence/recurrence.ts';
import type { XmlNode } from '../soap/xml-node.ts';
import type { ExchangeZone } from '../time/exchange-zone.ts';

export const RESPONSE_TYPES = ['Unknown', 'Organizer', 'Tentative', 'Accept', 'Decline', 'NoResponseReceived'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

export const FREE_BUSY_STATUSES = ['Free', 'Tentative', 'Busy', 'OOF', 'WorkingElsewhere', 'NoData'] as const;
type FreeBusyStatus = (typeof FREE_BUSY_STATUSES)[number];

export const SENSITIVITIES = ['Normal', 'Personal', 'Private', 'Confidential'] as const;
type Sensitivity = (typeof SENSITIVITIES)[number];

export const IMPORTANCES = ['Low', 'Normal', 'High'] as const;
type Importance = (typeof IMPORTANCES)[number];

/** Somebody as a mail header names them. */
export interface Person {
  readonly name: string;
  readonly address: string;
  /** `SMTP`, or `EX` when `address` is a legacy distinguished name. */
  readonly routingType: string;
  readonly mailboxType?: string;
}

export interface Attendee {
  readonly person: Person;
  readonly response: ResponseType;
  /** Unix ms of the last response. */
  readonly respondedAt?: number;
}

export interface ItemBody {
  readonly type: 'HTML' | 'Text';
  readonly content: string;
}

/** A MAPI property that a client stored. `identity` is the canonical text of its ExtendedFieldURI. */
export interface StoredExtendedProperty {
  readonly identity: string;
  readonly uri: Readonly<Record<string, string>>;
  readonly values: readonly string[];
}

/** What can differ between a series and one of its exceptions. Times are unix ms. */
export interface CalendarProperties {
  subject: string | undefined;
  body: ItemBody | undefined;
  sensitivity: Sensitivity;
  importance: Importance;
  categories: readonly string[];
  reminderIsSet: boolean;
  reminderMinutes: number;
  start: number;
  end: number;
  startZone: ExchangeZone;
  endZone: ExchangeZone;
  isAllDay: boolean;
  freeBusy: FreeBusyStatus;
  intendedFreeBusy: FreeBusyStatus;
  location: string | undefined;
  enhancedLocation: XmlNode | undefined;
  isCancelled: boolean;
  meetingRequestWasSent: boolean;
  isResponseRequested: boolean;
  /** True in an attendee's copy. */
  isReceived: boolean;
  myResponse: ResponseType;
  repliedAt: number | undefined;
  organizer: Person;
  requiredAttendees: readonly Attendee[];
  optionalAttendees: readonly Attendee[];
  resources: readonly Attendee[];
  sequence: number;
  /** When the organizer last sent it, or made it (`DateTimeStamp`), unix ms. */
  stampedAt: number;
  allowNewTimeProposal: boolean;
  isOnlineMeeting: boolean;
  conferenceType: number;
  meetingWorkspaceUrl: string | undefined;
  netShowUrl: string | undefined;
  joinOnlineMeetingUrl: string | undefined;
  extended: readonly StoredExtendedProperty[];
}

/** An occurrence that differs from its series. Its times are always its own. */
export interface SeriesException {
  overrides: Partial<CalendarProperties> & { start: number; end: number };
  modifiedAt: number;
}

/** A stored calendar item: a single, or the master of a series with everything that belongs to it. */
export interface CalendarItem {
  /** Unique within the mailbox and never used again. */
  readonly number: number;
  folder: CalendarFolderName;
  changeKey: number;
  readonly createdAt: number;
  modifiedAt: number;
  modifiedBy: string;
  readonly uid: string;
  readonly globalObjectId: Buffer;
  properties: CalendarProperties;
  recurrence: Recurrence | undefined;
  /** By original day in the series' zone. */
  readonly exceptions: Map<CivilDay, SeriesException>;
  readonly deletedDays: Set<CivilDay>;
}

/** The key of a folder within its mailbox; equal to the distinguished id for the well-known ones. */
export type CalendarFolderName = string;
