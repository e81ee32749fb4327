import type { AttendeeResponse, AttendeeRole, FreeBusy, Person, Sensitivity } from 'calendar-model';

/** The conference of an event, as much as a viewer may know of it. */
export interface ConferenceView {
  readonly state: string;
  readonly wanted: string;
  /** Why there is none, or why it is shown but not run. */
  readonly reason: string | null;
  readonly serverId: string | null;
  readonly cid: string | null;
  readonly url: string | null;
  readonly appUrl: string | null;
  readonly startsAt: Date;
  readonly failure: string | null;
}

/** One attendee, as the viewers of an event are shown him. */
export interface ShownAttendee {
  /** Empty where the calendar has a name alone, or a legacy name of which no address is known. */
  readonly address: string;
  readonly name: string;
  readonly role: AttendeeRole;
  readonly response: AttendeeResponse;
}

/**
 * One event as one person sees it. `masked`: it is private and he looks through somebody else's copy: only ids, times,
 * `freeBusy` and `sensitivity` are real, everything else is empty.
 */
export interface EventView {
  /** Canonical address of the person. */
  readonly viewer: string;
  readonly eventId: string;
  /** Shown from the copy in his own mailbox. */
  readonly own: boolean;
  readonly masked: boolean;
  readonly subject: string;
  readonly start: Date;
  readonly end: Date;
  readonly allDay: boolean;
  /** Local dates `YYYY-MM-DD` of an all-day event, end exclusive. */
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly timeZone: string;
  readonly location: string;
  readonly preview: string;
  readonly organizer: Person;
  /** The viewer organizes it. */
  readonly isOrganizer: boolean;
  /** All of them, once each, the organizer left out. What others answered is known from the organizer's own copy only. */
  readonly attendees: readonly ShownAttendee[];
  readonly myResponse: AttendeeResponse;
  readonly freeBusy: FreeBusy;
  readonly sensitivity: Sensitivity;
  /** Equal for all occurrences of a series, in every mailbox; null for a single. */
  readonly seriesId: string | null;
  readonly seriesText: string | null;
  readonly isMeeting: boolean;
  readonly isCancelled: boolean;
  readonly categories: readonly string[];
  readonly reminderMinutes: number | null;
  readonly joinLinks: readonly string[];
  readonly owaUrl: string | null;
  readonly previousStart: Date | null;
  readonly changedFields: readonly string[];
  readonly conference: ConferenceView | null;
}
