import { type Attendee, type AttendeeResponse, laterResponse } from 'calendar-model';
import type { ShownAttendee } from './event-view.ts';
import { type AttendeeList, personBehind, shownAttendees } from './shown-attendees.ts';

/** What each person answered, as the organizer's copy of an event has it. */
export type Responses = ReadonlyMap<string, AttendeeResponse>;

/** What a row of `calendar.show_copies` says of its lists. */
interface ListingRow {
  readonly viewer: string;
  readonly eventId: string;
  readonly organizerPerson: string | null;
  readonly isOrganizerCopy: boolean;
  /** Names the list among those of the event. */
  readonly attendeesKey: string | null;
  /** With the first row alone that has the list. */
  readonly attendees: readonly Attendee[] | null;
  readonly attendeePeople: readonly string[] | null;
  /** Names the organizer's copy among those of the event. */
  readonly organizerCopy: string | null;
  /** With the first row alone that belongs to the copy. */
  readonly organizerAttendees: readonly Attendee[] | null;
  readonly organizerAttendeePeople: readonly string[] | null;
}

/** A list as it is shown to everyone who is not in it, and where in it each person stands. */
interface ShownList {
  readonly attendees: readonly ShownAttendee[];
  readonly places: ReadonlyMap<string, readonly number[]>;
}

/**
 * The lists of attendees of many rows. Each is sent once for all rows of its event that have it, and made ready to be shown
 * once: a meeting of N people has N viewers, each of whom sees N people.
 */
export class SharedLists {
  readonly #lists = new Map<string, AttendeeList>();
  readonly #responses = new Map<string, Responses>();
  readonly #shown = new Map<string, ShownList>();

  constructor(rows: readonly ListingRow[]) {
    for (const row of rows) {
      const { attendees, attendeePeople, organizerAttendees, organizerAttendeePeople } = row;
      if (attendees && attendeePeople) this.#lists.set(listKey(row), { attendees, people: attendeePeople });
      if (organizerAttendees && organizerAttendeePeople) {
        this.#responses.set(organizerKey(row), responsesOf(organizerAttendees, organizerAttendeePeople));
      }
    }
  }

  /** What the organizer's copy of the row's event knows; undefined when no such copy may be looked into. */
  responsesFor(row: ListingRow): Responses | undefined {
    if (!row.isOrganizerCopy) return this.#responses.get(organizerKey(row));
    return kept(this.#responses, `own ${listKey(row)}`, () => {
      const { attendees, people } = this.#listOf(row);
      return responsesOf(attendees, people);
    });
  }

  /** The attendees as the row's viewer sees them. @param myResponse of the viewer */
  shownTo(row: ListingRow, myResponse: AttendeeResponse): readonly ShownAttendee[] {
    const { attendees, places } = this.#shownList(row);
    const own = row.viewer === row.organizerPerson ? undefined : places.get(row.viewer);
    if (own === undefined) return attendees;
    const seen = [...attendees];
    for (const place of own) seen[place] = { ...attendees[place]!, response: myResponse };
    return seen;
  }

  #shownList(row: ListingRow): ShownList {
    const key = `${listKey(row)} ${row.isOrganizerCopy ? 'own' : row.organizerCopy} ${row.organizerPerson}`;
    return kept(this.#shown, key, () => {
      const responses = this.responsesFor(row);
      const shown = shownAttendees(this.#listOf(row), row.organizerPerson, (person, attendee) => {
        if (person === '') return row.isOrganizerCopy ? attendee.response : 'unknown';
        return responses?.get(person) ?? 'unknown';
      });
      const places = Map.groupBy(shown.keys(), (place) => shown[place]!.person);
      return { attendees: shown.map(({ attendee }) => attendee), places };
    });
  }

  #listOf(row: ListingRow): AttendeeList {
    return this.#lists.get(listKey(row)) ?? { attendees: [], people: [] };
  }
}

/** What a copy knows of its people's responses; of one who is listed twice the response that counts. */
function responsesOf(attendees: readonly Attendee[], people: readonly string[]): Responses {
  const counted = new Map<string, Attendee>();
  for (const [place, attendee] of attendees.entries()) {
    const person = personBehind(attendee, people[place]);
    const known = counted.get(person);
    if (person !== '') counted.set(person, known === undefined ? attendee : laterResponse(known, attendee));
  }
  return new Map([...counted].map(([person, { response }]) => [person, response]));
}

function organizerKey({ eventId, organizerCopy }: ListingRow): string {
  return `${eventId} ${organizerCopy}`;
}

function listKey({ eventId, attendeesKey }: ListingRow): string {
  return `${eventId} ${attendeesKey}`;
}

function kept<Key, Value>(values: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  values.set(key, made);
  return made;
}
