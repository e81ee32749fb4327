import { type Attendee, isDirectoryName } from 'calendar-model';

/** The attendees of one copy, and the people behind them in the same order. */
export interface AttendeeList {
  readonly attendees: readonly Attendee[];
  readonly people: readonly string[];
}

/** An attendee as shown, and the person behind it. */
export interface ShownAttendee {
  readonly person: string;
  readonly attendee: Attendee;
}

/**
 * The attendees as they are shown.
 *
 * @param responseOf what is shown as the response of a person
 */
export function shownAttendees(
  { attendees, people }: AttendeeList,
  responseOf: (person: string) => Attendee['response'],
): ShownAttendee[] {
  return attendees.map((attendee, place) => {
    const person = people[place] ?? attendee.address;
    const address = shownAddress(attendee.address, person);
    return { person, attendee: { ...attendee, address, response: responseOf(person) } };
  });
}

/**
 * What is no address (a legacy name, a display name) shows as the address of the person behind it, or not at all as long
 * as nobody knows him.
 */
export function shownAddress(address: string | null, person: string | null): string {
  return [address, person].find((name) => name !== null && !isDirectoryName(name)) ?? '';
}
