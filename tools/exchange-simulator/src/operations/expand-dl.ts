import { EwsError } from '../ews-error.ts';
import { readAddress, writeMailbox } from '../properties/people-xml.ts';
import { checkSequence, requiredChild } from '../soap/check-sequence.ts';
import { errorMessage, successMessage } from '../soap/write-envelope.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { m, type XmlNode } from '../soap/xml-node.ts';
import { toldMembers } from '../store/directory.ts';
import type { RequestContext } from './request-context.ts';

/**
 * ExpandDL: one level of one list. A list without members, one whose members are hidden, and an address that is no list
 * look alike: success without members. A dynamic list cannot be expanded.
 */
export function expandDl(request: XmlElement, { organization }: RequestContext): XmlNode[] {
  checkSequence(request, ['Mailbox']);
  const list = organization.listByAnyAddress(readAddress(requiredChild(request, 'Mailbox')));
  if (list?.membership === 'dynamic') {
    return [errorMessage('ExpandDL', new EwsError('ErrorNameResolutionNoResults', 'No results were found.'))];
  }
  const members = list === undefined ? [] : toldMembers(organization, list);
  const expansion = m(
    'DLExpansion',
    members.map((member) => writeMailbox(member, false)),
    { TotalItemsInView: String(members.length), IncludesLastItemInRange: 'true' },
  );
  return [successMessage('ExpandDL', [expansion])];
}
