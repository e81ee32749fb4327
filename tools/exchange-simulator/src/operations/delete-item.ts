import { sendCancellation } from '../delivery/send-meeting.ts';
import { EwsError } from '../ews-error.ts';
import { hasAttendees } from '../properties/extended-properties.ts';
import { checkSequence, enumText, requiredAttribute, requiredList } from '../soap/check-sequence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import type { XmlNode } from '../soap/xml-node.ts';
import type { ItemView } from '../store/item-view.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { resolveItem } from './resolve-item.ts';

const CANCELLATIONS = ['SendToNone', 'SendOnlyToAll', 'SendToAllAndSaveCopy'] as const;
const DELETE_TYPES = ['HardDelete', 'SoftDelete', 'MoveToDeletedItems'] as const;

export type DeleteType = (typeof DELETE_TYPES)[number];

/** DeleteItem: singles, whole series, or one occurrence. */
export function deleteItem(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['ItemIds']);
  const deleteType = enumText(request, DELETE_TYPES, requiredAttribute(request, 'DeleteType'));
  return answerEach('DeleteItem', requiredList(request, 'ItemIds'), (id) => {
    const view = resolveItem(id, context);
    const sending = request.attributes.SendMeetingCancellations;
    if (sending === undefined) {
      throw new EwsError(
        'ErrorSendMeetingCancellationsRequired',
        'SendMeetingCancellations attribute is required for calendar items.',
      );
    }
    const send = enumText(request, CANCELLATIONS, sending) !== 'SendToNone';
    if (send && hasAttendees(view)) sendCancellation(context.organization, view);
    removeItem(view, deleteType);
    return [];
  });
}

/** Takes an item, or one occurrence of a series, out of the calendar. */
export function removeItem(view: ItemView, deleteType: DeleteType): void {
  const { mailbox, item, occurrence } = view;
  if (occurrence !== undefined) {
    item.exceptions.delete(occurrence.day);
    item.deletedDays.add(occurrence.day);
    mailbox.touchForOccurrence(item, mailbox.identity.displayName);
  } else if (deleteType === 'MoveToDeletedItems' && item.folder !== 'deleteditems') {
    mailbox.move(item, 'deleteditems');
  } else {
    mailbox.remove(item);
  }
}
