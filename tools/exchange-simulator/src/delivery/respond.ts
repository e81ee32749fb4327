import { EwsError } from '../ews-error.ts';
import { cleanGlobalObjectId, uidOfGlobalObjectId } from '../ids.ts';
import { type CivilDay, parseDay } from '../recurrence/civil-day.ts';
import type { Attendee, CalendarItem, CalendarProperties, ResponseType } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import { requireOccurrence } from '../store/series.ts';

export type Answer = Extract<ResponseType, 'Accept' | 'Tentative' | 'Decline'>;

/**
 * An attendee's answer to a meeting in his own calendar: the copy takes the answer, a declined one leaves the calendar for
 * Deleted Items, and (when `send`) the organizer's copy records it.
 *
 * @throws EwsError `ErrorCalendarIsOrganizerForAccept` and its siblings, `ErrorCalendarIsCancelledForAccept`,
 * `ErrorMeetingRequestIsOutOfDate` never.
 */
export function answerMeeting(organization: Organization, view: ItemView, answer: Answer, send: boolean): void {
  const verb = answer === 'Tentative' ? 'Tentative' : answer;
  if (!view.properties.isReceived) {
    throw new EwsError(
      `ErrorCalendarIsOrganizerFor${verb}`,
      'You are the organizer of this meeting and cannot answer it.',
    );
  }
  if (view.properties.isCancelled) {
    throw new EwsError(`ErrorCalendarIsCancelledFor${verb}`, 'The meeting has been cancelled.');
  }
  const now = organization.now();
  if (send) recordAnswer(organization, view, answer, now);
  if (answer === 'Decline') removeDeclined(view);
  else acceptCopy(view, answer, now);
}

function acceptCopy(view: ItemView, answer: 'Accept' | 'Tentative', now: number): void {
  const { mailbox, item } = view;
  const values = {
    myResponse: answer,
    repliedAt: now,
    freeBusy: answer === 'Accept' ? view.properties.intendedFreeBusy : ('Tentative' as const),
  };
  if (view.occurrence === undefined) {
    item.properties = { ...item.properties, ...values };
    for (const { overrides } of item.exceptions.values()) {
      if (overrides.isCancelled !== true) Object.assign(overrides, values);
    }
  } else {
    const own = item.exceptions.get(view.occurrence.day)?.overrides;
    const times = { start: view.properties.start, end: view.properties.end };
    item.exceptions.set(view.occurrence.day, { overrides: { ...times, ...own, ...values }, modifiedAt: now });
  }
  mailbox.touch(item, mailbox.identity.displayName);
}

function removeDeclined({ mailbox, item, occurrence }: ItemView): void {
  if (occurrence === undefined) {
    mailbox.move(item, 'deleteditems');
    return;
  }
  item.exceptions.delete(occurrence.day);
  item.deletedDays.add(occurrence.day);
  mailbox.touch(item, mailbox.identity.displayName);
}

function recordAnswer(organization: Organization, view: ItemView, answer: Answer, now: number): void {
  const organizer = organization.mailboxByAnyAddress(view.properties.organizer.address);
  if (organizer === undefined) return;
  const day = view.occurrence?.day ?? dayOfOrphan(view.item);
  const uid = uidOfGlobalObjectId(cleanGlobalObjectId(view.item.globalObjectId));
  recordAnswerAt(organization, organizer, { uid, day, attendee: view.mailbox.identity.address, answer, at: now });
}

/** The date inside the GlobalObjectId of an invitation to one occurrence; undefined for a whole meeting. */
function dayOfOrphan(item: CalendarItem): CivilDay | undefined {
  const bytes = item.globalObjectId;
  const year = bytes.readUInt16BE(16);
  if (year === 0) return undefined;
  const [month, date] = [bytes[18]!, bytes[19]!].map((part) => String(part).padStart(2, '0'));
  return parseDay(`${String(year).padStart(4, '0')}-${month}-${date}`);
}

/** An answer as it arrives at the organizer. */
export interface ArrivingAnswer {
  readonly uid: string;
  /** Original day of the answered occurrence; undefined when the whole meeting is answered. */
  readonly day: CivilDay | undefined;
  readonly attendee: string;
  readonly answer: Answer;
  /** Unix ms. */
  readonly at: number;
}

/**
 * Records an attendee's answer in the organizer's calendar, as an incoming response message would.
 *
 * @returns false when the organizer has no such meeting or the person is not invited
 */
export function recordAnswerAt(organization: Organization, organizer: Mailbox, arriving: ArrivingAnswer): boolean {
  const meeting = organizer.itemsByUid(arriving.uid).find(({ properties }) => !properties.isReceived);
  if (meeting === undefined) return false;
  const change = (attendee: Attendee): Attendee =>
    isSame(organization, attendee, arriving.attendee)
      ? { ...attendee, response: arriving.answer, respondedAt: arriving.at }
      : attendee;
  const known =
    arriving.day === undefined || meeting.recurrence === undefined
      ? recordWhole(meeting, change)
      : recordDay(organizer, meeting, arriving, change);
  if (known) organizer.touch(meeting, arriving.attendee);
  return known;
}

function isSame(organization: Organization, attendee: Attendee, address: string): boolean {
  const mailbox = organization.mailboxByAnyAddress(address);
  if (mailbox !== undefined) return organization.mailboxByAnyAddress(attendee.person.address) === mailbox;
  return attendee.person.address.toLowerCase() === address.toLowerCase();
}

type Lists = Pick<CalendarProperties, 'requiredAttendees' | 'optionalAttendees' | 'resources'>;

function changedLists(lists: Readonly<Lists>, change: (attendee: Attendee) => Attendee): Lists | undefined {
  const after = {
    requiredAttendees: lists.requiredAttendees.map(change),
    optionalAttendees: lists.optionalAttendees.map(change),
    resources: lists.resources.map(change),
  };
  const keys = ['requiredAttendees', 'optionalAttendees', 'resources'] as const;
  return keys.some((key) => after[key].some((attendee, index) => attendee !== lists[key][index])) ? after : undefined;
}

function recordWhole(meeting: CalendarItem, change: (attendee: Attendee) => Attendee): boolean {
  const lists = changedLists(meeting.properties, change);
  if (lists === undefined) return false;
  meeting.properties = { ...meeting.properties, ...lists };
  for (const { overrides } of meeting.exceptions.values()) {
    const full = { ...meeting.properties, ...overrides };
    const changed = changedLists(full, change);
    if (overrides.requiredAttendees !== undefined && changed !== undefined) Object.assign(overrides, changed);
  }
  return true;
}

function recordDay(
  organizer: Mailbox,
  meeting: CalendarItem,
  arriving: ArrivingAnswer,
  change: (attendee: Attendee) => Attendee,
): boolean {
  const day = arriving.day!;
  if (meeting.deletedDays.has(day)) return false;
  const { properties } = requireOccurrence(organizer, meeting, day);
  const lists = changedLists(properties, change);
  if (lists === undefined) return false;
  const own = meeting.exceptions.get(day)?.overrides;
  meeting.exceptions.set(day, {
    overrides: { start: properties.start, end: properties.end, ...own, ...lists },
    modifiedAt: arriving.at,
  });
  return true;
}
