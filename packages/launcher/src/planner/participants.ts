import type { OtherCopy, SpeakingCopy } from 'calendar-db/conferences';
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
export function organizerOf(copy: SpeakingCopy): string {
  return copy.organizer ?? copy.owner;
}

/**
 * Who takes part in an event, organizer first, then by address: the people of the copy that speaks, members of its lists
 * included, and those who were invited since or by a way that it does not tell of (a forwarded invitation, a contact group):
 * their own copies say so.
 */
export function participantsOf(speaking: SpeakingCopy, others: readonly OtherCopy[]): Participant[] {
  const organizer = organizerOf(speaking);
  const guestCopies = guestCopiesAmong(speaking, others);
  const invited = guestCopies.filter(isInvitation).map(({ owner }) => owner);
  const people = new Set([organizer, ...speaking.audience, ...invited]);
  const rooms = new Set(others.filter(({ holder }) => holder === 'room').map(({ owner }) => owner));
  const attendees = Map.groupBy(speaking.attendees, (_, index) => speaking.attendeePeople[index]);
  const copies = Map.groupBy(guestCopies, ({ owner }) => owner);
  return [...people]
    .map((person): Participant => {
      const named = attendees.get(person) ?? [];
      const isOrganizer = person === organizer;
      return {
        person,
        names: [...new Set([person, ...named.flatMap(({ address }) => address ?? [])])],
        isOrganizer,
        isResource: !isOrganizer && (rooms.has(person) || named.some((attendee) => attendee.role === 'resource')),
        hasDeclined: !isOrganizer && hasDeclined(copies.get(person) ?? [], named),
      };
    })
    .sort((a, b) => Number(b.isOrganizer) - Number(a.isOrganizer) || (a.person < b.person ? -1 : 1));
}

/** What a guest's own copy says. */
type GuestCopy = Pick<OtherCopy, 'owner' | 'organizer' | 'holder' | 'response' | 'isLive'>;

/**
 * The copies of those who do not organize, the one that speaks included. Anybody can send an invitation under any UID: one of
 * another organizer says nothing. A copy whose content is not kept names no organizer.
 */
function guestCopiesAmong(speaking: SpeakingCopy, others: readonly OtherCopy[]): GuestCopy[] {
  const { owner, organizer, myResponse, gone, isCancelled, isOrganizerCopy } = speaking;
  const guests = others.filter(
    (copy) => copy.response !== 'organizer' && (copy.organizer === null || copy.organizer === organizer),
  );
  if (isOrganizerCopy) return guests;
  // Its owner is named by it, so that it need not be a proof of an invitation.
  return [...guests, { owner, organizer: null, holder: 'person', response: myResponse, isLive: !gone && !isCancelled }];
}

/** A person's live copy that came by an invitation of the organizer, not one that its owner made. */
function isInvitation({ organizer, holder, response, isLive }: GuestCopy): boolean {
  return isLive && holder === 'person' && organizer !== null && response !== 'organizer' && response !== 'unknown';
}

/**
 * A guest's own copy decides if it has an answer; having deleted it is one; else what the copy that speaks says.
 *
 * @param own the copies in the guest's mailboxes
 * @param named the guest's entries among the attendees of the copy that speaks
 */
function hasDeclined(own: readonly GuestCopy[], named: SpeakingCopy['attendees']): boolean {
  const live = own.filter(({ isLive }) => isLive);
  if (own.length > 0 && live.length === 0) return true;
  const answers = live.map(({ response }) => response).filter((answer) => isAnswer(answer));
  if (answers.length > 0) return answers.every((answer) => answer === 'declined');
  return named.length > 0 && named.reduce(laterResponse).response === 'declined';
}
