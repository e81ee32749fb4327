import { checkSequence, requiredChild, requiredList } from '../soap/check-sequence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { m, type XmlNode } from '../soap/xml-node.ts';
import { readFolderShape, writeFolder } from './folder-xml.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { resolveFolder } from './resolve-folder.ts';

/** GetFolder: one response message per folder id. */
export function getFolder(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['FolderShape', 'FolderIds']);
  const shape = readFolderShape(requiredChild(request, 'FolderShape'));
  return answerEach('GetFolder', requiredList(request, 'FolderIds'), (element) => {
    const { mailbox, folder } = resolveFolder(element, context);
    return [m('Folders', writeFolder(mailbox, folder, shape))];
  });
}
