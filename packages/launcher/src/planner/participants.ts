import type { EventCopy } from 'calendar-db/conferences';
import { isAnswer, laterResponse } from 'calendar-model';

/** Somebody who takes part in an event. */
export interface Participant {
  /** Canonical address. */
  readonly person: string;
  /** The canonical address, then others by which the event names him. */
  readonly names: readonly string[];
  readonly isOrganizer: boolean;
  /** A room or device. */
  readonly isResource: boolean;
  readonly hasDeclined: boolean;
}

/** Who organizes; an appointment without an organizer is its mailbox owner's. */
export function organizerOf(copy: EventCopy): string {
  return copy.organizer ?? copy.owner;
}

/** Everybody an event is about, members of its lists included, organizer first, then by address. */
export function participantsOf(copies: readonly EventCopy[], speaking: EventCopy): Participant[] {
  const organizer = organizerOf(speaking);
  const people = new Set([organizer, ...speaking.audience]);
  const attendees = Map.groupBy(speaking.attendees, (_, index) => speaking.attendeePeople[index]);
  const guestCopies = Map.groupBy(
    copies.filter(({ isOrganizerCopy }) => !isOrganizerCopy),
    ({ owner }) => owner,
  );
  return [...people]
    .map((person): Participant => {
      const named = attendees.get(person) ?? [];
      const isOrganizer = person === organizer;
      return {
        person,
        names: [...new Set([person, ...named.flatMap(({ address }) => address ?? [])])],
        isOrganizer,
        isResource: !isOrganizer && named.some((attendee) => attendee.role === 'resource'),
        hasDeclined: !isOrganizer && hasDeclined(guestCopies.get(person) ?? [], named),
      };
    })
    .sort((a, b) => Number(b.isOrganizer) - Number(a.isOrganizer) || (a.person < b.person ? -1 : 1));
}

/**
 * A guest's own copy decides if it has an answer; having deleted it is one; else what the copy that speaks says.
 *
 * @param own the copies in the guest's mailboxes
 * @param named the guest's entries among the attendees of the copy that speaks
 */
function hasDeclined(own: readonly EventCopy[], named: EventCopy['attendees']): boolean {
  const live = own.filter((copy) => !copy.gone);
  if (own.length > 0 && live.length === 0) return true;
  const answers = live.map((copy) => copy.myResponse).filter((answer) => isAnswer(answer));
  if (answers.length > 0) return answers.every((answer) => answer === 'declined');
  return named.length > 0 && named.reduce(laterResponse).response === 'declined';
}
