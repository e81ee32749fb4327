import type { Person } from './calendar-item.ts';
import type { DistributionList } from './distribution-list.ts';
import type { Mailbox } from './mailbox.ts';
import type { Organization } from './organization.ts';

/** Whom mail can be sent to: a mailbox or a list. */
export interface Recipient {
  readonly name: string;
  /** The primary address first. */
  readonly addresses: readonly string[];
  readonly legacyDn: string;
  readonly mailboxType: 'Mailbox' | 'PublicDL';
  readonly mailbox?: Mailbox;
  readonly list?: DistributionList;
}

/** All recipients: mailboxes, then lists, in order of their making. */
export function recipients(organization: Organization): Recipient[] {
  return [...organization.mailboxes().map(ofMailbox), ...organization.lists().map(ofList)];
}

/** The recipient with this address, alias, principal name or legacy distinguished name. */
export function findRecipient(organization: Organization, address: string): Recipient | undefined {
  const mailbox = organization.mailboxByAnyAddress(address);
  if (mailbox !== undefined) return ofMailbox(mailbox);
  const list = organization.listByAnyAddress(address);
  return list === undefined ? undefined : ofList(list);
}

/** How a recipient is named in answers of the directory. */
export function personOf({ name, addresses, mailboxType }: Recipient): Person {
  return { name, address: addresses[0]!, routingType: 'SMTP', mailboxType };
}

/**
 * A person or list as a calendar item names them. What the client left out about somebody of this server is filled in.
 *
 * @param form see `SimulatorSettings.receivedAddresses`
 */
export function nameInItem(organization: Organization, person: Person, form: 'asWritten' | 'SMTP' | 'EX'): Person {
  const recipient = findRecipient(organization, person.address);
  if (recipient === undefined) return person;
  const { mailboxType, legacyDn } = recipient;
  // Clients often write every address as a mailbox; the server knows its lists.
  if (form === 'asWritten') return { mailboxType, ...person, ...(recipient.list && { mailboxType }) };
  if (form === 'SMTP') return { ...personOf(recipient), name: person.name };
  return { name: person.name, address: legacyDn, routingType: 'EX', mailboxType };
}

/** One level of a list, as it is told. Whoever has no mailbox here is a contact of the directory. */
export function toldMembers(organization: Organization, list: DistributionList): Person[] {
  if (list.membership !== 'visible') return [];
  return list.members.map((address) => {
    const member = findRecipient(organization, address);
    if (member !== undefined) return personOf(member);
    return { name: address, address, routingType: 'SMTP', mailboxType: 'Contact' };
  });
}

/** All mailboxes that mail to a list reaches, hidden members too, however deep or circular its lists are. */
export function mailboxesOfList(
  organization: Organization,
  list: DistributionList,
  seen: Set<DistributionList> = new Set(),
): Mailbox[] {
  if (seen.has(list)) return [];
  seen.add(list);
  return list.members.flatMap((address) => {
    const member = findRecipient(organization, address);
    if (member?.list !== undefined) return mailboxesOfList(organization, member.list, seen);
    return member?.mailbox ?? [];
  });
}

function ofMailbox(mailbox: Mailbox): Recipient {
  const { displayName, address, aliases, legacyDn } = mailbox.identity;
  return { name: displayName, addresses: [address, ...aliases], legacyDn, mailboxType: 'Mailbox', mailbox };
}

function ofList(list: DistributionList): Recipient {
  const { displayName, address, aliases, legacyDn } = list;
  return { name: displayName, addresses: [address, ...aliases], legacyDn, mailboxType: 'PublicDL', list };
}
