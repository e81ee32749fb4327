import type { OtherCopy, SpeakingCopy } from 'calendar-db/conferences';

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

/** Everybody an event is about, members of its lists included, organizer first, then by address. */
export function participantsOf(speaking: SpeakingCopy, others: readonly OtherCopy[]): Participant[] {
  const organizer = organizerOf(speaking);
  const people = new Set([organizer, ...speaking.audience]);
  const attendees = Map.groupBy(speaking.attendees, (_, index) => speaking.attendeePeople[index]);
  const guestCopies = Map.groupBy(guestCopiesAmong(speaking, others), ({ owner }) => owner);
  return [...people]
    .map((person): Participant => {
      const named = attendees.get(person) ?? [];
      const isOrganizer = person === organizer;
      return {
        person,
        names: [...new Set([person, ...named.map((attendee) => attendee.address)])],
        isOrganizer,
        isResource: !isOrganizer && named.some((attendee) => attendee.role === 'resource'),
        hasDeclined: !isOrganizer && hasDeclined(guestCopies.get(person) ?? [], named),
      };
    })
    .sort((a, b) => Number(b.isOrganizer) - Number(a.isOrganizer) || (a.person < b.person ? -1 : 1));
}

/** What a guest's own copy says. */
type GuestCopy = Pick<OtherCopy, 'owner' | 'response' | 'isLive'>;

/** The copies of those who do not organize, the one that speaks included. */
function guestCopiesAmong(speaking: SpeakingCopy, others: readonly OtherCopy[]): GuestCopy[] {
  const guests = others.filter(({ response }) => response !== 'organizer');
  if (speaking.isOrganizerCopy) return guests;
  return [...guests, { owner: speaking.owner, response: speaking.myResponse, isLive: !speaking.gone }];
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
  return named.length > 0 && named.every((attendee) => attendee.response === 'declined');
}

function isAnswer(response: OtherCopy['response']): boolean {
  return response === 'accepted' || response === 'tentative' || response === 'declined';
}
