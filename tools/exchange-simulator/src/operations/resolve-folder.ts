import { EwsError } from '../ews-error.ts';
import { decodeFolderId } from '../ids.ts';
import { backEndOf } from '../routing/back-end.ts';
import { checkSite } from '../routing/check-site.ts';
import { child, childText, type XmlElement } from '../soap/xml-element.ts';
import type { Folder } from '../store/folder.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { RequestContext } from './request-context.ts';

export interface ResolvedFolder {
  readonly mailbox: Mailbox;
  readonly folder: Folder;
}

/**
 * The folder of a `FolderId` or `DistinguishedFolderId`.
 *
 * @throws EwsError `ErrorFolderNotFound`, `ErrorInvalidIdMalformed`, `ErrorAccessDenied`, `ErrorNonExistentMailbox`,
 * `ErrorMissingEmailAddress`.
 */
export function resolveFolder(element: XmlElement, context: RequestContext): ResolvedFolder {
  if (element.name === 'DistinguishedFolderId') return resolveDistinguished(element, context);
  if (element.name !== 'FolderId') {
    throw new EwsError('ErrorInvalidRequest', `A folder cannot be named by '${element.name}'.`);
  }
  const reference = decodeFolderId(element.attributes.Id ?? '');
  const mailbox = context.organization.mailboxByGuid(reference.mailboxGuid);
  const folder = mailbox?.folderByNumber(reference.number);
  if (mailbox === undefined || folder === undefined) throw folderNotFound();
  checkAccess(mailbox, context);
  return { mailbox, folder };
}

/** The folder inside a wrapper such as `SyncFolderId` or `SavedItemFolderId`. */
export function resolveTargetFolder(wrapper: XmlElement, context: RequestContext): ResolvedFolder {
  const element = wrapper.children[0];
  if (element === undefined)
    throw new EwsError('ErrorInvalidRequest', `The element '${wrapper.name}' names no folder.`);
  return resolveFolder(element, context);
}

function resolveDistinguished(element: XmlElement, context: RequestContext): ResolvedFolder {
  const owner = child(element, 'Mailbox');
  const mailbox = owner === undefined ? context.mailbox : mailboxOf(childText(owner, 'EmailAddress') ?? '', context);
  if (mailbox === undefined) {
    throw new EwsError(
      'ErrorMissingEmailAddress',
      'When making a request as an account that does not have a mailbox, you must specify the mailbox primary SMTP address for any distinguished folder Ids.',
    );
  }
  checkAccess(mailbox, context);
  const folder = mailbox.folder(element.attributes.Id ?? '');
  if (folder === undefined || !folder.distinguished) throw folderNotFound();
  return { mailbox, folder };
}

function mailboxOf(address: string, context: RequestContext): Mailbox {
  const mailbox = context.organization.mailboxByAnyAddress(address);
  if (mailbox === undefined) {
    throw new EwsError('ErrorNonExistentMailbox', `The SMTP address has no mailbox associated with it. (${address})`);
  }
  return mailbox;
}

/**
 * Own mailbox, or one whose owner made the acting mailbox its delegate; and its server is there.
 *
 * @throws EwsError `ErrorAccessDenied`, of an outage, or, for a delegate who asks at the wrong site, of the setting `crossSite`
 */
export function checkAccess(mailbox: Mailbox, context: RequestContext): void {
  context.outages.checkMailbox(mailbox);
  if (mailbox === context.mailbox) return;
  const acting = context.mailbox?.identity.address.toLowerCase();
  if (acting === undefined || !mailbox.delegates.has(acting))
    throw new EwsError('ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
  checkSite(backEndOf(mailbox, context.settings), context.site, context.settings, { fault: false });
}

function folderNotFound(): EwsError {
  return new EwsError('ErrorFolderNotFound', 'The specified folder could not be found in the store.');
}
