import { EwsError } from '../ews-error.ts';
import { writeItemId } from '../properties/item-properties.ts';
import { booleanText, checkSequence, requiredChild, requiredList } from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import { viewOfItem } from '../store/item-view.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { resolveTargetFolder } from './resolve-folder.ts';
import { resolveItem } from './resolve-item.ts';

/** MoveItem: items, whole series too, into another folder of the same mailbox. They have new ids afterwards. */
export function moveItem(request: XmlElement, context: RequestContext): XmlNode[] {
  return transfer('MoveItem', request, context);
}

/** CopyItem: as MoveItem, with the originals left in place. The copy keeps UID and GlobalObjectId. */
export function copyItem(request: XmlElement, context: RequestContext): XmlNode[] {
  return transfer('CopyItem', request, context);
}

function transfer(operation: 'MoveItem' | 'CopyItem', request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['ToFolderId', 'ItemIds', 'ReturnNewItemIds']);
  const wish = child(request, 'ReturnNewItemIds');
  const returnsIds = wish === undefined || booleanText(wish);
  const target = requiredChild(request, 'ToFolderId');
  return answerEach(operation, requiredList(request, 'ItemIds'), (element) => {
    const { mailbox, item, occurrence } = resolveItem(element, context);
    const destination = resolveTargetFolder(target, context);
    if (occurrence !== undefined) {
      throw new EwsError(
        'ErrorCalendarCannotMoveOrCopyOccurrence',
        'An occurrence of a recurring calendar item cannot be moved or copied.',
      );
    }
    if (destination.mailbox !== mailbox) {
      throw new EwsError('ErrorMoveCopyFailed', 'The simulator moves and copies within one mailbox only.');
    }
    const folder = destination.folder.name;
    const result = operation === 'MoveItem' ? mailbox.move(item, folder) : mailbox.copy(item, folder);
    return [m('Items', returnsIds ? t('CalendarItem', writeItemId(viewOfItem(mailbox, result))) : [])];
  });
}
