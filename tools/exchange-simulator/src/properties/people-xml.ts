import { checkSequence, enumText, requiredChild } from '../soap/check-sequence.ts';
import { child, childrenNamed, childText, type XmlElement } from '../soap/xml-element.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import { type Attendee, type Person, RESPONSE_TYPES } from '../store/calendar-item.ts';
import { writeDateTime } from '../time/exchange-time.ts';
import type { WriteContext } from './property-definition.ts';

/** `t:Mailbox` of a person. In found items only the name survives (docs/reference/exchange.md §4.4). */
export function writeMailbox(person: Person, light: boolean): XmlNode {
  return light ? t('Mailbox', t('Name', person.name)) : writeAddress('Mailbox', person);
}

/** An element of the schema's `EmailAddressType`. */
export function writeAddress(element: string, person: Person): XmlNode {
  return t(element, [
    t('Name', person.name),
    t('EmailAddress', person.address),
    t('RoutingType', person.routingType),
    t('MailboxType', person.mailboxType ?? (person.routingType === 'EX' ? 'Mailbox' : 'OneOff')),
  ]);
}

/** A list of attendees; undefined when there are none, as the schema has no empty list. */
export function writeAttendees(
  name: string,
  attendees: readonly Attendee[],
  isReceived: boolean,
  context: WriteContext,
): XmlNode | undefined {
  if (attendees.length === 0) return undefined;
  return t(
    name,
    attendees.map((attendee) =>
      t('Attendee', [
        writeMailbox(context.nameOf?.(attendee.person, isReceived) ?? attendee.person, false),
        t('ResponseType', attendee.response),
        attendee.respondedAt === undefined
          ? undefined
          : t('LastResponseTime', writeDateTime(attendee.respondedAt, context.zone)),
      ]),
    ),
  );
}

/** The address in an element of `EmailAddressType`. */
export function readAddress(element: XmlElement): string {
  checkSequence(element, ['Name', 'EmailAddress', 'RoutingType', 'MailboxType', 'ItemId', 'OriginalDisplayName']);
  return requiredChild(element, 'EmailAddress').text.trim();
}

function readMailbox(element: XmlElement): Person {
  const address = requiredChild(element, 'EmailAddress').text.trim();
  const mailboxType = childText(element, 'MailboxType');
  return {
    name: childText(element, 'Name') ?? address,
    address,
    routingType: childText(element, 'RoutingType') ?? 'SMTP',
    ...(mailboxType === undefined ? {} : { mailboxType }),
  };
}

/** Attendees as a client sends them. A stated response is kept, since clients write the whole list back. */
export function readAttendees(element: XmlElement): Attendee[] {
  return childrenNamed(element, 'Attendee').map((attendee) => {
    const response = child(attendee, 'ResponseType');
    return {
      person: readMailbox(requiredChild(attendee, 'Mailbox')),
      response: response === undefined ? 'Unknown' : enumText(response, RESPONSE_TYPES),
    };
  });
}
