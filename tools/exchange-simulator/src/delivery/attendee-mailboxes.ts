import type { Attendee, CalendarProperties } from '../store/calendar-item.ts';
import { findRecipient, mailboxesOfList } from '../store/directory.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';

/** Required and optional attendees and resources together. */
function allAttendees(properties: Readonly<CalendarProperties>): Attendee[] {
  return [...properties.requiredAttendees, ...properties.optionalAttendees, ...properties.resources];
}

/**
 * The mailboxes here that an invitation reaches, members of invited lists included; the organizer's own and foreign
 * addresses are left out.
 */
export function attendeeMailboxes(
  organization: Organization,
  organizer: Mailbox,
  properties: Readonly<CalendarProperties>,
): Set<Mailbox> {
  const mailboxes = allAttendees(properties).flatMap(({ person }): Mailbox[] => {
    const recipient = findRecipient(organization, person.address);
    if (recipient?.list !== undefined) return mailboxesOfList(organization, recipient.list);
    return recipient?.mailbox === undefined ? [] : [recipient.mailbox];
  });
  return new Set(mailboxes.filter((mailbox) => mailbox !== organizer));
}
