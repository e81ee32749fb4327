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

/**
 * Who takes part in an event, organizer first, then by address: the people of the copy that speaks, members of its lists
 * included, and those who were invited since or by a way that it does not tell of (a forwarded invitation, a contact group):
 * their own copies say so.
 */
export function participantsOf(copies: readonly EventCopy[], speaking: EventCopy): Participant[] {
  const organizer = organizerOf(speaking);
  const guestCopies = Map.groupBy(
    copies.filter((copy) => !copy.isOrganizerCopy && isOfSameMeeting(copy, speaking)),
    ({ owner }) => owner,
  );
  const invited = [...guestCopies.values()].flat().filter((copy) => isInvitation(copy, speaking));
  const rooms = new Set(copies.filter(({ isRoomCopy }) => isRoomCopy).map(({ owner }) => owner));
  const people = new Set([organizer, ...speaking.audience, ...invited.map(({ owner }) => owner)]);
  const attendees = Map.groupBy(speaking.attendees, (_, index) => speaking.attendeePeople[index]);
  return [...people]
    .map((person): Participant => {
      const named = attendees.get(person) ?? [];
      const isOrganizer = person === organizer;
      return {
        person,
        names: [...new Set([person, ...named.flatMap(({ address }) => address ?? [])])],
        isOrganizer,
        isResource: !isOrganizer && (rooms.has(person) || named.some((attendee) => attendee.role === 'resource')),
        hasDeclined: !isOrganizer && hasDeclined(guestCopies.get(person) ?? [], named),
      };
    })
    .sort((a, b) => Number(b.isOrganizer) - Number(a.isOrganizer) || (a.person < b.person ? -1 : 1));
}

/** Anybody can send an invitation under any UID. A copy whose content is not kept names no organizer. */
function isOfSameMeeting(copy: EventCopy, speaking: EventCopy): boolean {
  return copy.organizer === null || copy.organizer === speaking.organizer;
}

/** A live copy that came by an invitation, not one that its owner made. */
function isInvitation(copy: EventCopy, speaking: EventCopy): boolean {
  const cameByInvitation = copy.myResponse !== 'organizer' && copy.myResponse !== 'unknown';
  return isLive(copy) && !copy.isRoomCopy && cameByInvitation && copy.organizer === organizerOf(speaking);
}

/** The organizer cancels a guest's copy alone when that guest is no longer invited. */
function isLive(copy: EventCopy): boolean {
  return !copy.gone && !copy.isCancelled;
}

/**
 * A guest's own copy decides if it has an answer; having deleted it is one; else what the copy that speaks says.
 *
 * @param own the copies in the guest's mailboxes
 * @param named the guest's entries among the attendees of the copy that speaks
 */
function hasDeclined(own: readonly EventCopy[], named: EventCopy['attendees']): boolean {
  const live = own.filter(isLive);
  if (own.length > 0 && live.length === 0) return true;
  const answers = live.map((copy) => copy.myResponse).filter((answer) => isAnswer(answer));
  if (answers.length > 0) return answers.every((answer) => answer === 'declined');
  return named.length > 0 && named.reduce(laterResponse).response === 'declined';
}
