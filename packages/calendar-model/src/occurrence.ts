/** How a calendar item relates to a series; masters are never cached, only what they expand to. */
export type OccurrenceKind = 'single' | 'occurrence' | 'exception';

/** What an attendee answered, in the words of the wire protocol. */
export type AttendeeResponse = 'organizer' | 'accepted' | 'tentative' | 'declined' | 'notResponded' | 'unknown';

export type AttendeeRole = 'required' | 'optional' | 'resource';

export type FreeBusy = 'free' | 'tentative' | 'busy' | 'oof' | 'workingElsewhere' | 'noData';

export type Sensitivity = 'normal' | 'personal' | 'private' | 'confidential';

/** Somebody named by an event. `address` is canonical (see `canonicalAddress`), or null when Exchange gave none. */
export interface Person {
  readonly address: string | null;
  readonly name: string;
}

/** Somebody invited. Without an address he is shown by name, and takes no part in anything. */
export interface Attendee extends Person {
  readonly role: AttendeeRole;
  readonly response: AttendeeResponse;
  /** When the response came, in ms since 1970, as this copy knows; absent when it does not say. */
  readonly respondedAt?: number | undefined;
}

/**
 * One occurrence as it stands in one mailbox: what the cache holds of it.
 * `start`/`end` are instants; an all-day occurrence also carries its local dates (`YYYY-MM-DD`, end exclusive).
 */
export interface Occurrence {
  /** UUID, equal in every mailbox that holds this occurrence (see `eventId`). */
  readonly eventId: string;
  readonly uid: string | null;
  /** Where the series' pattern had put it; null for a single. */
  readonly originalStart: Date | null;
  /** Exchange's id of the item in this mailbox (case-sensitive). */
  readonly itemId: string;
  /** Exchange's id of the series' master in this mailbox; null for a single. */
  readonly seriesId: string | null;
  readonly kind: OccurrenceKind;
  readonly subject: string;
  readonly start: Date;
  readonly end: Date;
  readonly allDay: boolean;
  readonly startDate: string | null;
  readonly endDate: string | null;
  /** IANA zone in which the meeting was planned. */
  readonly timeZone: string;
  readonly location: string;
  /** At most 255 characters of the body's text; whole bodies are never kept. */
  readonly preview: string;
  readonly organizer: Person;
  readonly attendees: readonly Attendee[];
  readonly myResponse: AttendeeResponse;
  readonly freeBusy: FreeBusy;
  readonly sensitivity: Sensitivity;
  readonly isMeeting: boolean;
  readonly isCancelled: boolean;
  readonly categories: readonly string[];
  readonly reminderMinutes: number | null;
  /** Links to video meetings found in the join link, location and body (see `videoLinks`). */
  readonly joinLinks: readonly string[];
  readonly owaUrl: string | null;
  /** The recurrence in words, for people; null for a single. */
  readonly seriesText: string | null;
  readonly lastModified: Date;
  /** Which of the organizer's invitations the copy is of (RFC 5546 §2.1.5); null where the server does not say. */
  readonly sequence: number | null;
  readonly stamp: Date | null;
}

/** Private and confidential events are whole only for the owner of the mailbox that holds them. */
export function isPrivate(sensitivity: Sensitivity): boolean {
  return sensitivity === 'private' || sensitivity === 'confidential';
}
