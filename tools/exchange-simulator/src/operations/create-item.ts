import { type Answer, answerMeeting } from '../delivery/respond.ts';
import { sendCancellation, sendMeeting } from '../delivery/send-meeting.ts';
import { createCalendarItem } from '../editing/create-calendar-item.ts';
import { EwsError, violationAt } from '../ews-error.ts';
import { hasAttendees } from '../properties/extended-properties.ts';
import { writeItemId } from '../properties/item-properties.ts';
import { readCalendarItem } from '../properties/read-calendar-item.ts';
import { checkSequence, enumText, requiredList } from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import { isCalendarFolder } from '../store/folder.ts';
import { viewOfItem } from '../store/item-view.ts';
import { removeItem } from './delete-item.ts';
import { answerEach, faultsOf } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { checkAccess, type ResolvedFolder, resolveTargetFolder } from './resolve-folder.ts';
import { resolveItem } from './resolve-item.ts';

const INVITATIONS = ['SendToNone', 'SendOnlyToAll', 'SendToAllAndSaveCopy'] as const;
const DISPOSITIONS = ['SaveOnly', 'SendOnly', 'SendAndSaveCopy'] as const;
const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  ['AcceptItem', 'Accept'],
  ['TentativelyAcceptItem', 'Tentative'],
  ['DeclineItem', 'Decline'],
]);
const REPLIES = new Set([...ANSWERS.keys(), 'CancelCalendarItem']);

/** CreateItem: calendar items, answers to meetings, and CancelCalendarItem. */
export function createItem(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['SavedItemFolderId', 'Items']);
  checkItems(requiredList(request, 'Items'), context);
  return answerEach('CreateItem', requiredList(request, 'Items'), (element) => [
    m('Items', createOne(element, request, context)),
  ]);
}

/** Exchange checks the whole request against the schema before it stores the first item. */
function checkItems(elements: readonly XmlElement[], context: RequestContext): void {
  for (const element of elements) {
    if (element.name === 'CalendarItem') faultsOf(() => readCalendarItem(element, { zone: context.zone }));
    else if (REPLIES.has(element.name)) referenceOf(element);
  }
}

function createOne(element: XmlElement, request: XmlElement, context: RequestContext): XmlNode[] {
  if (element.name === 'CalendarItem') return [createAppointment(element, request, context)];
  const answer = ANSWERS.get(element.name);
  if (answer !== undefined) return respond(element, answer, request, context);
  if (element.name === 'CancelCalendarItem') return cancel(element, context);
  throw new EwsError('ErrorInvalidItemForOperationCreateItem', `The simulator creates no '${element.name}'.`);
}

function createAppointment(element: XmlElement, request: XmlElement, context: RequestContext): XmlNode {
  const sending = request.attributes.SendMeetingInvitations;
  if (sending === undefined) {
    throw new EwsError(
      'ErrorSendMeetingInvitationsRequired',
      'SendMeetingInvitations attribute is required for calendar items.',
    );
  }
  const invitations = enumText(request, INVITATIONS, sending);
  const { mailbox, folder } = savedFolder(request, context);
  if (!isCalendarFolder(folder)) {
    throw new EwsError(
      'ErrorCannotCreateCalendarItemInNonCalendarFolder',
      'A calendar item can only be created in a calendar folder.',
    );
  }
  const draft = readCalendarItem(element, { zone: context.zone });
  const item = createCalendarItem(context.organization, mailbox, folder.name, draft, context.zone);
  const view = viewOfItem(mailbox, item);
  if (invitations !== 'SendToNone' && hasAttendees(view)) {
    item.properties.meetingRequestWasSent = true;
    sendMeeting(context.organization, view, undefined, 'all', true);
  }
  return t('CalendarItem', writeItemId(view));
}

function savedFolder(request: XmlElement, context: RequestContext): ResolvedFolder {
  const target = child(request, 'SavedItemFolderId');
  if (target !== undefined) return resolveTargetFolder(target, context);
  const folder = context.mailbox?.folder('calendar');
  if (context.mailbox === undefined || folder === undefined) {
    throw new EwsError('ErrorMissingEmailAddress', 'The account has no mailbox to save the item in.');
  }
  checkAccess(context.mailbox, context);
  return { mailbox: context.mailbox, folder };
}

function respond(element: XmlElement, answer: Answer, request: XmlElement, context: RequestContext): XmlNode[] {
  const disposition = request.attributes.MessageDisposition;
  if (disposition === undefined) {
    throw new EwsError(
      'ErrorMessageDispositionRequired',
      'MessageDisposition attribute is required for responses to meetings.',
    );
  }
  const send = enumText(request, DISPOSITIONS, disposition) !== 'SaveOnly';
  const view = resolveItem(referenceOf(element), context);
  answerMeeting(context.organization, view, answer, send);
  return answer === 'Decline' ? [] : [t('CalendarItem', writeItemId(view))];
}

function cancel(element: XmlElement, context: RequestContext): XmlNode[] {
  const view = resolveItem(referenceOf(element), context);
  if (view.properties.isReceived) {
    throw new EwsError('ErrorCalendarIsNotOrganizer', 'Only the organizer can cancel the meeting.');
  }
  sendCancellation(context.organization, view);
  removeItem(view, 'MoveToDeletedItems');
  return [];
}

function referenceOf(element: XmlElement): XmlElement {
  const reference = child(element, 'ReferenceItemId');
  if (reference === undefined) throw violationAt(element, `The element '${element.name}' has no 'ReferenceItemId'.`);
  return reference;
}
