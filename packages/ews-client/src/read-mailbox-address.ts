import type { EwsMailboxAddress } from './calendar-item.ts';
import { optionalText } from './element-fields.ts';
import type { XmlElement } from './xml-element.ts';

/** An element of the schema's `EmailAddressType`, such as `t:Mailbox`. */
export function readMailboxAddress(element: XmlElement): EwsMailboxAddress {
  return {
    name: optionalText(element, 't:Name'),
    address: optionalText(element, 't:EmailAddress'),
    routingType: optionalText(element, 't:RoutingType'),
    mailboxType: optionalText(element, 't:MailboxType'),
  };
}
