import { addressDomain, displayNameKey, isLegacyName, writtenAddress } from 'calendar-model';
import type { EwsCalendarItem, EwsMailboxAddress } from 'ews-client';

/**
 * Whom the directory has to be asked about because an item names them: legacy names, lists, everybody in the provider's own
 * domains (an alias or a list does not look like one), and an organizer who has a display name only.
 */
export function namesToAsk(item: EwsCalendarItem, domains: ReadonlySet<string>): string[] {
  const people: EwsMailboxAddress[] = [...item.requiredAttendees, ...item.optionalAttendees, ...item.resources];
  if (item.organizer !== null) people.push(item.organizer);
  const names = people.flatMap((person) => nameToAsk(person, domains) ?? []);
  return item.isOrganizer ? names : [...names, ...organizerToAsk(item)];
}

function nameToAsk({ address: given, mailboxType }: EwsMailboxAddress, domains: ReadonlySet<string>): string | null {
  const address = writtenAddress(given ?? '');
  if (address === null || isLegacyName(address)) return address;
  return mailboxType === 'PublicDL' || domains.has(addressDomain(address)) ? address : null;
}

function organizerToAsk({ organizer, organizerName }: EwsCalendarItem): string[] {
  if (organizer?.address) return [];
  const key = displayNameKey(organizer?.name ?? organizerName ?? '');
  return key === null ? [] : [key];
}
