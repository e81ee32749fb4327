import type { EventCopy } from 'calendar-db/conferences';

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
  return [...people]
    .map((person): Participant => {
      const named = speaking.attendees.filter((_, index) => speaking.attendeePeople[index] === person);
      const isOrganizer = person === organizer;
      return {
        person,
        names: [...new Set([person, ...named.map((attendee) => attendee.address)])],
        isOrganizer,
        isResource: !isOrganizer && named.some((attendee) => attendee.role === 'resource'),
        hasDeclined: !isOrganizer && hasDeclined(person, copies, speaking),
      };
    })
    .sort((a, b) => Number(b.isOrganizer) - Number(a.isOrganizer) || (a.person < b.person ? -1 : 1));
}

/** His own copy decides if it has an answer; having thrown it away is one; else what the organizer's copy says. */
function hasDeclined(person: string, copies: readonly EventCopy[], speaking: EventCopy): boolean {
  const own = copies.filter((copy) => copy.owner === person && !copy.isOrganizerCopy);
  const live = own.filter((copy) => !copy.gone);
  if (own.length > 0 && live.length === 0) return true;
  const answers = live.map((copy) => copy.myResponse).filter((answer) => isAnswer(answer));
  if (answers.length > 0) return answers.every((answer) => answer === 'declined');
  const told = speaking.attendees.filter((_, index) => speaking.attendeePeople[index] === person);
  return told.length > 0 && told.every((attendee) => attendee.response === 'declined');
}

function isAnswer(response: EventCopy['myResponse']): boolean {
  return response === 'accepted' || response === 'tentative' || response === 'declined';
}
