import { type Attendee, type AttendeeResponse, isDirectoryName, laterResponse } from 'calendar-model';
import type { ShownAttendee } from './event-view.ts';

/** What each person answered, as the organizer's copy of an event has it. */
export type Responses = ReadonlyMap<string, AttendeeResponse>;

/** How one copy of an event lists who is invited: `people` are those behind `attendees`, empty where unknown. */
interface Invited {
  readonly attendees: readonly Attendee[];
  readonly attendeePeople: readonly string[];
}

/** What a copy knows of its people's responses; of one who is listed twice the response that counts. */
export function responsesOf({ attendees, attendeePeople }: Invited): Responses {
  const counted = new Map<string, Attendee>();
  for (const [place, attendee] of attendees.entries()) {
    const person = attendeePeople[place] || attendee.address;
    if (!person) continue;
    const known = counted.get(person);
    counted.set(person, known === undefined ? attendee : laterResponse(known, attendee));
  }
  return new Map([...counted].map(([person, { response }]) => [person, response]));
}

/**
 * The attendees as they are shown: each person once, where he is first listed, the organizer left out. Who has no address
 * is shown by name, with the response that the organizer's own copy has.
 *
 * @param responseOf what is shown as the response of a person
 */
export function shownAttendees(
  row: Invited & { readonly organizerPerson: string | null; readonly isOrganizerCopy: boolean },
  responseOf: (person: string) => AttendeeResponse,
): ShownAttendee[] {
  const shown = new Map<string, ShownAttendee>();
  for (const [place, attendee] of row.attendees.entries()) {
    const person = row.attendeePeople[place] || attendee.address || '';
    if (person !== '' && person === row.organizerPerson) continue;
    const { name, role, response } = attendee;
    const key = person || `${place} without an address`;
    const known = shown.get(key);
    const address = known?.address || shownAddress(attendee.address, person);
    if (known !== undefined) shown.set(key, { ...known, name: known.name || name, address });
    else if (person !== '') shown.set(key, { address, name, role, response: responseOf(person) });
    else shown.set(key, { address, name, role, response: row.isOrganizerCopy ? response : 'unknown' });
  }
  return [...shown.values()];
}

/**
 * What is no address (a legacy name, a display name) shows as the address of the person behind it, or not at all as long
 * as nobody knows him.
 */
export function shownAddress(address: string | null, person: string | null): string {
  return [address, person].find((name) => name !== null && !isDirectoryName(name)) ?? '';
}
