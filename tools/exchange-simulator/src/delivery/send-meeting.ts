import type { CalendarProperties } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import { viewOfDay } from '../store/series.ts';
import { deliverOccurrence, deliverWhole } from './attendee-copy.ts';
import { attendeeMailboxes } from './attendee-mailboxes.ts';
import { cancelOccurrence, cancelWhole } from './cancel-copies.ts';

/** Who is told about a change: all attendees, or only those who were added or removed. */
export type Audience = 'all' | 'changed';

/**
 * Sends a meeting or its update: copies to attendees, cancellations to those who were removed.
 *
 * @param view the meeting, or one of its occurrences, as it is now
 * @param before the properties before the change; undefined for a new meeting
 * @param askAgain whether earlier answers are void
 */
export function sendMeeting(
  organization: Organization,
  view: ItemView,
  before: Readonly<CalendarProperties> | undefined,
  audience: Audience,
  askAgain: boolean,
): void {
  const { mailbox, item } = view;
  if (view.properties.isReceived) return;
  const by = mailbox.identity.displayName;
  const now = organization.now();
  if (before !== undefined) stamp(view, now);
  const earlier = before === undefined ? new Set<Mailbox>() : attendeeMailboxes(organization, mailbox, before);
  const present = attendeeMailboxes(organization, mailbox, view.properties);
  for (const target of earlier) {
    if (present.has(target)) continue;
    if (view.occurrence === undefined) cancelWhole(target, item, by, now);
    else cancelOccurrence(target, item, view.occurrence.day, by, now);
  }
  for (const target of present) {
    if (audience === 'changed' && earlier.has(target)) continue;
    if (view.occurrence === undefined) deliverWhole(target, item, by, askAgain);
    else deliverOccurrence(target, view, by, askAgain, now);
  }
  if (view.occurrence === undefined && before !== undefined) deliverOrphansOfExceptions(organization, view, present);
}

/** Each update that is sent has a later time than all before, also two of one second. */
function stamp({ item, occurrence, properties }: ItemView, now: number): void {
  const stampedAt = Math.max(now, properties.stampedAt + 1_000);
  const exception = occurrence && item.exceptions.get(occurrence.day);
  if (occurrence === undefined) item.properties.stampedAt = stampedAt;
  else if (exception !== undefined) exception.overrides.stampedAt = stampedAt;
}

/** People invited to one occurrence only learn of series-wide changes through their own copy of that occurrence. */
function deliverOrphansOfExceptions(
  organization: Organization,
  { mailbox, item }: ItemView,
  invited: ReadonlySet<Mailbox>,
): void {
  for (const day of item.exceptions.keys()) {
    const occurrence = viewOfDay(mailbox, item, day);
    for (const target of attendeeMailboxes(organization, mailbox, occurrence.properties)) {
      if (!invited.has(target))
        deliverOccurrence(target, occurrence, mailbox.identity.displayName, false, organization.now());
    }
  }
}

/** Sends cancellations of a meeting, or of one occurrence, to everybody invited. */
export function sendCancellation(organization: Organization, view: ItemView): void {
  const { mailbox, item } = view;
  if (view.properties.isReceived) return;
  const by = mailbox.identity.displayName;
  const now = organization.now();
  if (view.occurrence !== undefined) {
    for (const target of attendeeMailboxes(organization, mailbox, view.properties)) {
      cancelOccurrence(target, item, view.occurrence.day, by, now);
    }
    return;
  }
  const invited = attendeeMailboxes(organization, mailbox, item.properties);
  for (const day of item.exceptions.keys()) {
    for (const target of attendeeMailboxes(organization, mailbox, viewOfDay(mailbox, item, day).properties))
      invited.add(target);
  }
  for (const target of invited) cancelWhole(target, item, by, now);
}
