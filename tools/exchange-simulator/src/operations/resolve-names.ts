import { EwsError } from '../ews-error.ts';
import { writeMailbox } from '../properties/people-xml.ts';
import { checkSequence, requiredChild } from '../soap/check-sequence.ts';
import { errorMessage, successMessage } from '../soap/write-envelope.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { RequestContext } from './request-context.ts';

const MAX_RESOLUTIONS = 100;

/** ResolveNames over the directory: by `smtp:` address or legacy DN exactly, else by the beginning of name or address. */
export function resolveNames(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['ParentFolderIds', 'UnresolvedEntry']);
  const entry = requiredChild(request, 'UnresolvedEntry').text.trim();
  const found = search(entry, context);
  if (found.length === 0) {
    return [errorMessage('ResolveNames', new EwsError('ErrorNameResolutionNoResults', 'No results were found.'))];
  }
  const shown = found.slice(0, MAX_RESOLUTIONS);
  const set = m(
    'ResolutionSet',
    shown.map((mailbox) => t('Resolution', [writeMailbox(mailbox.person, false), ...contact(mailbox, request)])),
    { TotalItemsInView: String(shown.length), IncludesLastItemInRange: String(shown.length === found.length) },
  );
  if (found.length === 1) return [successMessage('ResolveNames', [set])];
  const several = new EwsError('ErrorNameResolutionMultipleResults', 'Multiple results were found.');
  return [errorMessage('ResolveNames', several, [set], 'Warning')];
}

function search(entry: string, { organization }: RequestContext): Mailbox[] {
  const address = entry.replace(/^smtp:/i, '');
  const exact = organization.mailboxByAnyAddress(address);
  if (exact !== undefined) return [exact];
  if (address !== entry || entry === '') return [];
  const wanted = entry.toLowerCase();
  return organization
    .mailboxes()
    .filter(({ identity }) =>
      [identity.address, identity.displayName].some((name) => name.toLowerCase().startsWith(wanted)),
    );
}

function contact({ identity }: Mailbox, request: XmlElement): XmlNode[] {
  if (request.attributes.ReturnFullContactData !== 'true') return [];
  return [
    t('Contact', [
      t('DisplayName', identity.displayName),
      t('EmailAddresses', [t('Entry', `SMTP:${identity.address}`, { Key: 'EmailAddress1' })]),
      t('ContactSource', 'ActiveDirectory'),
    ]),
  ];
}
