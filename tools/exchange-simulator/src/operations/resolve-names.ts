import { EwsError } from '../ews-error.ts';
import { writeMailbox } from '../properties/people-xml.ts';
import { checkSequence, enumText, requiredAttribute, requiredChild } from '../soap/check-sequence.ts';
import { errorMessage, successMessage } from '../soap/write-envelope.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import type { Person } from '../store/calendar-item.ts';
import { personOf, type Recipient, recipients } from '../store/directory.ts';
import type { RequestContext } from './request-context.ts';

const MAX_RESOLUTIONS = 100;
/** `EmailAddressKeyType` has three keys: a contact tells no more addresses than these. */
const MAX_ADDRESSES = 3;
const SEARCH_SCOPES = ['ActiveDirectory', 'ActiveDirectoryContacts', 'Contacts', 'ContactsActiveDirectory'] as const;

/**
 * ResolveNames over the directory. An entry `smtp:…` is compared with the beginnings of all addresses, aliases included;
 * a legacy distinguished name with whole ones; anything else with the beginnings of names and primary addresses.
 * Mailboxes keep no contacts here, so a search in contacts alone finds nobody.
 */
export function resolveNames(request: XmlElement, { organization }: RequestContext): XmlNode[] {
  checkSequence(request, ['ParentFolderIds', 'UnresolvedEntry']);
  const isFull = enumText(request, ['true', 'false', '1', '0'], requiredAttribute(request, 'ReturnFullContactData'));
  const scope = enumText(request, SEARCH_SCOPES, request.attributes.SearchScope ?? 'ActiveDirectoryContacts');
  const entry = requiredChild(request, 'UnresolvedEntry').text.trim();
  const found = scope === 'Contacts' ? [] : recipients(organization).filter(matcher(entry));
  if (found.length === 0) {
    return [errorMessage('ResolveNames', new EwsError('ErrorNameResolutionNoResults', 'No results were found.'))];
  }
  const shown = found.slice(0, MAX_RESOLUTIONS);
  const set = m(
    'ResolutionSet',
    shown.map((recipient) =>
      t('Resolution', [
        writeMailbox(personOf(recipient), false),
        isFull === 'true' || isFull === '1' ? contact(recipient) : undefined,
      ]),
    ),
    { TotalItemsInView: String(shown.length), IncludesLastItemInRange: String(shown.length === found.length) },
  );
  if (found.length === 1) return [successMessage('ResolveNames', [set])];
  const several = new EwsError('ErrorNameResolutionMultipleResults', 'Multiple results were found.');
  return [errorMessage('ResolveNames', several, [set], 'Warning')];
}

function matcher(entry: string): (recipient: Recipient) => boolean {
  const wanted = entry.toLowerCase();
  const begins = (text: string) => text.toLowerCase().startsWith(wanted);
  if (wanted === '') return () => false;
  if (wanted.startsWith('smtp:')) return ({ addresses }) => addresses.some((address) => begins(`smtp:${address}`));
  if (wanted.startsWith('/o=')) return ({ legacyDn }) => legacyDn.toLowerCase() === wanted;
  return ({ name, addresses }) =>
    begins(name) || name.split(/\s+/).some((part) => begins(part)) || begins(addresses[0] ?? '');
}

function contact(recipient: Recipient): XmlNode {
  const person: Person = personOf(recipient);
  const entries = recipient.addresses
    .slice(0, MAX_ADDRESSES)
    .map((address, index) =>
      t('Entry', `${index === 0 ? 'SMTP' : 'smtp'}:${address}`, { Key: `EmailAddress${index + 1}` }),
    );
  return t('Contact', [
    t('DisplayName', person.name),
    t('EmailAddresses', entries),
    t('ContactSource', 'ActiveDirectory'),
  ]);
}
