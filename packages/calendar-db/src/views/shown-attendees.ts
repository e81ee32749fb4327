import { type Attendee, type AttendeeResponse, isDirectoryName } from 'calendar-model';
import type { ShownAttendee } from './event-view.ts';

/** The attendees of one copy, and the people behind them in the same order; empty where no person is known. */
export interface AttendeeList {
  readonly attendees: readonly Attendee[];
  readonly people: readonly string[];
}

/** An attendee as shown, and the person behind it; empty where none is known. */
export interface ListedAttendee {
  readonly person: string;
  readonly attendee: ShownAttendee;
}

/**
 * The attendees as they are shown: each person once, where the list first has that person, the organizer left out. Attendees
 * without an address are shown by name.
 *
 * @param organizer canonical address; null: not known
 * @param responseOf what is shown as the response of a person, or of an attendee behind whom none is known
 */
export function shownAttendees(
  { attendees, people }: AttendeeList,
  organizer: string | null,
  responseOf: (person: string, attendee: Attendee) => AttendeeResponse,
): ListedAttendee[] {
  const shown = new Map<string, ListedAttendee>();
  for (const [place, attendee] of attendees.entries()) {
    const person = personBehind(attendee, people[place]);
    if (person !== '' && person === organizer) continue;
    const key = person || `${place} without an address`;
    const known = shown.get(key)?.attendee;
    const name = known?.name || attendee.name;
    const address = known?.address || shownAddress(attendee.address, person);
    const { role, response } = known ?? { role: attendee.role, response: responseOf(person, attendee) };
    shown.set(key, { person, attendee: { address, name, role, response } });
  }
  return [...shown.values()];
}

/** @returns empty where no person is known */
export function personBehind({ address }: Attendee, person: string | undefined): string {
  return person || address || '';
}

/**
 * What is no address (a legacy name, a display name) shows as the address of the person behind it, or not at all as long
 * as nobody knows him.
 */
export function shownAddress(address: string | null, person: string | null): string {
  return [address, person].find((name) => name !== null && !isDirectoryName(name)) ?? '';
}
