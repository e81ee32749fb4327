import type { TrueOccurrence } from 'exchange-simulator';
import type { ShownCalendar, ShownEvent } from './shown-event.ts';

const PREVIEW_LENGTH = 255;

const RESPONSES: Readonly<Record<string, string>> = {
  Unknown: 'unknown',
  Organizer: 'organizer',
  Tentative: 'tentative',
  Accept: 'accepted',
  Decline: 'declined',
  NoResponseReceived: 'notResponded',
};

/** What the Exchange simulator holds of one mailbox, as its owner's Outlook shows it. */
export function trueCalendar(occurrences: readonly TrueOccurrence[]): ShownCalendar {
  return new Map(occurrences.map((occurrence) => [occurrence.itemId, trueEvent(occurrence)]));
}

function trueEvent(truth: TrueOccurrence): ShownEvent {
  return {
    kind: truth.kind.toLowerCase(),
    uid: truth.uid === '' ? truth.cleanGlobalObjectId : truth.uid,
    originalStart: truth.originalStart,
    seriesId: truth.seriesItemId,
    subject: truth.subject ?? '',
    start: truth.start,
    end: truth.end,
    allDay: truth.allDay,
    startDate: truth.startDate,
    endDate: truth.endDate,
    timeZone: truth.ianaTimeZone,
    location: truth.location ?? '',
    preview: previewOf(truth),
    organizerAddress: truth.organizer.address.toLowerCase(),
    organizerName: truth.organizer.name,
    isOrganizerCopy: truth.isOrganizer,
    isMeeting: truth.isMeeting,
    attendees: truth.attendees
      .map(({ address, name, role, response }) => `${address.toLowerCase()} ${role} ${RESPONSES[response]} ${name}`)
      .sort(),
    myResponse: RESPONSES[truth.myResponse] ?? truth.myResponse,
    freeBusy: truth.freeBusy === 'OOF' ? 'oof' : lowerFirst(truth.freeBusy),
    sensitivity: truth.sensitivity.toLowerCase(),
    isCancelled: truth.isCancelled,
    categories: truth.categories,
    reminderMinutes: truth.reminderMinutes,
  };
}

/** The HTML of the stories has tags, but no entities. */
function previewOf({ body, bodyType }: TrueOccurrence): string {
  const plain = bodyType === 'HTML' ? (body ?? '').replaceAll(/<[^>]*>/gu, ' ') : (body ?? '');
  const text = plain.replaceAll(/\s+/gu, ' ').trim();
  return [...text].slice(0, PREVIEW_LENGTH).join('').trimEnd();
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
