import { checkSequence, enumText, requiredAttribute, requiredChild, requiredList } from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import type { Folder } from '../store/folder.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { readFolderShape, writeFolder } from './folder-xml.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { resolveFolder } from './resolve-folder.ts';

const SEQUENCE = ['FolderShape', 'IndexedPageFolderView', 'FractionalPageFolderView', 'Restriction', 'ParentFolderIds'];

/** FindFolder without restriction: the folders below each parent, shallow or deep, paged by index. */
export function findFolder(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, SEQUENCE);
  const deep =
    enumText(request, ['Shallow', 'Deep', 'SoftDeleted'], requiredAttribute(request, 'Traversal')) === 'Deep';
  const shape = readFolderShape(requiredChild(request, 'FolderShape'));
  const page = child(request, 'IndexedPageFolderView');
  const offset = Number(page?.attributes.Offset ?? 0);
  const limit = Number(page?.attributes.MaxEntriesReturned ?? 1000);
  return answerEach('FindFolder', requiredList(request, 'ParentFolderIds'), (element) => {
    const { mailbox, folder } = resolveFolder(element, context);
    const found = foldersBelow(mailbox, folder, deep);
    const shown = found.slice(offset, offset + limit);
    return [
      m(
        'RootFolder',
        t(
          'Folders',
          shown.map((candidate) => writeFolder(mailbox, candidate, shape)),
        ),
        {
          IndexedPagingOffset: String(offset + shown.length),
          TotalItemsInView: String(found.length),
          IncludesLastItemInRange: String(offset + shown.length >= found.length),
        },
      ),
    ];
  });
}

function foldersBelow(mailbox: Mailbox, parent: Folder, deep: boolean): Folder[] {
  const direct = mailbox.folders().filter((folder) => folder.parent === parent.name);
  return deep ? direct.flatMap((folder) => [folder, ...foldersBelow(mailbox, folder, true)]) : direct;
}
