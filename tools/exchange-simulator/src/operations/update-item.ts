import { forgetAnswers } from '../delivery/forget-answers.ts';
import { type Audience, sendMeeting } from '../delivery/send-meeting.ts';
import { updateCalendarItem } from '../editing/update-calendar-item.ts';
import { EwsError, violationAt } from '../ews-error.ts';
import { encodeChangeKey } from '../ids.ts';
import { readExtendedPath, readExtendedProperty } from '../properties/extended-properties.ts';
import { writeItemId } from '../properties/item-properties.ts';
import type { ItemDraft } from '../properties/property-definition.ts';
import { propertyByUri } from '../properties/property-table.ts';
import { readField } from '../properties/read-calendar-item.ts';
import { checkSequence, enumText, requiredAttribute, requiredList } from '../soap/check-sequence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import { type ItemView, viewOfItem } from '../store/item-view.ts';
import { viewOfDay } from '../store/series.ts';
import { answerEach, faultsOf } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { resolveItem } from './resolve-item.ts';

const SENDING = [
  'SendToNone',
  'SendOnlyToAll',
  'SendOnlyToChanged',
  'SendToAllAndSaveCopy',
  'SendToChangedAndSaveCopy',
] as const;
const CONFLICTS = ['NeverOverwrite', 'AutoResolve', 'AlwaysOverwrite'] as const;

/** UpdateItem: sets, appends and deletes properties of singles, series and occurrences. */
export function updateItem(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['SavedItemFolderId', 'ItemChanges']);
  const conflict = enumText(request, CONFLICTS, requiredAttribute(request, 'ConflictResolution'));
  checkChanges(requiredList(request, 'ItemChanges'), context);
  return answerEach('UpdateItem', requiredList(request, 'ItemChanges'), (change) => {
    const view = updateOne(change, request, conflict, context);
    return [m('Items', t('CalendarItem', writeItemId(view))), m('ConflictResults', t('Count', '0'))];
  });
}

/** Exchange checks the whole request against the schema before it changes the first item. */
function checkChanges(changes: readonly XmlElement[], context: RequestContext): void {
  for (const change of changes) {
    const [id, updates] = change.children;
    if (id === undefined || updates?.name !== 'Updates') {
      throw violationAt(change, "The element 'ItemChange' has incomplete content.");
    }
    for (const update of updates.children) {
      const field = update.children[1]?.children[0];
      const draft: ItemDraft = { properties: {} };
      if (field !== undefined) faultsOf(() => readField(field, draft, { zone: context.zone }));
    }
  }
}

function updateOne(
  change: XmlElement,
  request: XmlElement,
  conflict: (typeof CONFLICTS)[number],
  context: RequestContext,
): ItemView {
  const [id, updates] = change.children;
  if (id === undefined || updates === undefined) throw violationAt(change, 'The change is empty.');
  const view = resolveItem(id, context);
  const sending = request.attributes.SendMeetingInvitationsOrCancellations;
  if (sending === undefined) {
    throw new EwsError(
      'ErrorSendMeetingInvitationsOrCancellationsRequired',
      'SendMeetingInvitationsOrCancellations attribute is required for calendar items.',
    );
  }
  const audience = enumText(request, SENDING, sending);
  checkConflict(id, view, conflict);
  const draft = readUpdates(updates, view, context);
  const before = view.properties;
  const send = audience !== 'SendToNone' && !before.isReceived;
  const { significant } = updateCalendarItem(context.organization, view, draft);
  if (send) sendUpdate(context, view, before, audience.includes('Changed') ? 'changed' : 'all', significant);
  return presentView(view);
}

/** The view of the same thing as it is now. */
function presentView({ mailbox, item, occurrence }: ItemView): ItemView {
  return occurrence === undefined ? viewOfItem(mailbox, item) : viewOfDay(mailbox, item, occurrence.day);
}

function sendUpdate(
  context: RequestContext,
  view: ItemView,
  before: ItemView['properties'],
  audience: Audience,
  significant: boolean,
): void {
  if (significant && audience === 'all') forgetAnswers(presentView(view));
  if (view.occurrence === undefined) {
    view.item.properties.meetingRequestWasSent = true;
    if (significant) view.item.properties.sequence += 1;
  }
  sendMeeting(context.organization, presentView(view), before, audience, significant);
}

function checkConflict(id: XmlElement, view: ItemView, conflict: string): void {
  const changeKey = id.attributes.ChangeKey;
  if (conflict !== 'NeverOverwrite') return;
  if (changeKey === undefined) {
    throw new EwsError(
      'ErrorChangeKeyRequiredForWriteOperations',
      'The change key is required when nothing may be overwritten.',
    );
  }
  if (changeKey !== encodeChangeKey(view.item.changeKey)) {
    throw new EwsError(
      'ErrorIrresolvableConflict',
      'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
    );
  }
}

function readUpdates(updates: XmlElement, view: ItemView, context: RequestContext): ItemDraft {
  const draft: ItemDraft = { properties: {} };
  for (const update of updates.children) {
    const [path, holder] = update.children;
    if (path === undefined) throw violationAt(update, `The element '${update.name}' names no property.`);
    if (path.name === 'ExtendedFieldURI') {
      updateExtended(update, path, holder, draft, view);
    } else if (update.name === 'DeleteItemField') {
      deleteField(path, draft);
    } else {
      setField(update, path, holder, draft, view, context);
    }
  }
  return draft;
}

function setField(
  update: XmlElement,
  path: XmlElement,
  holder: XmlElement | undefined,
  draft: ItemDraft,
  view: ItemView,
  context: RequestContext,
): void {
  const field = holder?.children[0];
  if (field === undefined || holder?.children.length !== 1) {
    throw new EwsError(
      'ErrorIncorrectUpdatePropertyCount',
      'An object within a change description must contain one and only one property to modify.',
    );
  }
  const definition = propertyByUri(path.attributes.FieldURI ?? '');
  if (definition?.element !== field.name) {
    throw new EwsError('ErrorUpdatePropertyMismatch', 'The property path and the property to set do not match.');
  }
  readField(field, draft, { zone: context.zone });
  if (update.name === 'AppendToItemField') append(definition.uri, draft, view);
  else if (update.name !== 'SetItemField') throw violationAt(update, `'${update.name}' is not an update.`);
}

/** AppendToItemField is allowed for bodies and attendee lists. */
function append(uri: string, draft: ItemDraft, { properties }: ItemView): void {
  const lists = {
    'calendar:RequiredAttendees': 'requiredAttendees',
    'calendar:OptionalAttendees': 'optionalAttendees',
    'calendar:Resources': 'resources',
  } as const;
  if (uri === 'item:Body') {
    const added = draft.properties.body;
    if (added !== undefined)
      draft.properties.body = {
        type: properties.body?.type ?? added.type,
        content: (properties.body?.content ?? '') + added.content,
      };
    return;
  }
  const key = (lists as Record<string, (typeof lists)[keyof typeof lists] | undefined>)[uri];
  if (key === undefined)
    throw new EwsError('ErrorInvalidPropertyAppend', `Append action is invalid for property ${uri}.`);
  draft.properties[key] = [...properties[key], ...(draft.properties[key] ?? [])];
}

/** A property that the simulator does not keep is empty already, so that deleting it succeeds as it does on Exchange. */
function deleteField(path: XmlElement, draft: ItemDraft): void {
  const uri = path.attributes.FieldURI ?? '';
  const definition = propertyByUri(uri);
  if (definition === undefined && /^(item|calendar):[A-Za-z]+$/.test(uri)) return;
  if (definition?.clear === undefined) {
    throw new EwsError('ErrorInvalidPropertyDelete', `Delete action is invalid for property ${uri}.`);
  }
  definition.clear(draft);
}

function updateExtended(
  update: XmlElement,
  path: XmlElement,
  holder: XmlElement | undefined,
  draft: ItemDraft,
  view: ItemView,
): void {
  const { identity } = readExtendedPath(path);
  const others = (draft.properties.extended ?? view.properties.extended).filter(
    (property) => property.identity !== identity,
  );
  const element = holder?.children[0];
  const added = update.name === 'DeleteItemField' || element === undefined ? [] : [readExtendedProperty(element)];
  draft.properties.extended = [...others, ...added];
}
