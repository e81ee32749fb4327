import { encodeChangeKey, encodeItemId } from '../ids.ts';
import { writeFolderId } from '../operations/folder-xml.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import type { ItemPlace, MailboxChange } from '../store/mailbox.ts';
import { writeDateTime } from '../time/exchange-time.ts';
import { UTC } from '../time/exchange-zone.ts';
import type { EventType, Subscription } from './subscription.ts';

const EVENT_OF: Readonly<Record<MailboxChange['kind'], EventType>> = {
  created: 'CreatedEvent',
  modified: 'ModifiedEvent',
  deleted: 'DeletedEvent',
  moved: 'MovedEvent',
  copied: 'CopiedEvent',
};

/**
 * The events by which a subscription learns of a change; none when it watches neither the folder nor the kind of event.
 * A move out of or into a watched folder shows in both.
 *
 * @param folderEvents whether the folder's own change follows, as its contents and counters changed
 */
export function eventsOf(subscription: Subscription, change: MailboxChange, folderEvents: boolean): XmlNode[] {
  const { folders, eventTypes } = subscription;
  const watched = (place: ItemPlace | undefined) =>
    place !== undefined && (folders === undefined || folders.has(place.folder));
  if (!watched(change.item) && !watched(change.old)) return [];
  const type = EVENT_OF[change.kind];
  const events = eventTypes.has(type) ? [itemEvent(type, change)] : [];
  if (!folderEvents || change.kind === 'modified' || !eventTypes.has('ModifiedEvent')) return events;
  const touched = [change.item, change.kind === 'moved' ? change.old : undefined].filter(watched);
  return [...events, ...touched.map((place) => folderEvent(change, place!.folder))];
}

function itemEvent(type: EventType, change: MailboxChange): XmlNode {
  const { item, old } = change;
  return t(type, [
    t('TimeStamp', writeDateTime(change.at, UTC)),
    t('ItemId', [], { Id: idOf(change, item), ChangeKey: encodeChangeKey(item.changeKey) }),
    folderIdOf(change, item.folder, 'ParentFolderId'),
    ...(old === undefined
      ? []
      : [t('OldItemId', [], { Id: idOf(change, old) }), folderIdOf(change, old.folder, 'OldParentFolderId')]),
  ]);
}

function folderEvent(change: MailboxChange, folder: string): XmlNode {
  const parent = change.mailbox.folder(folder)?.parent ?? folder;
  return t('ModifiedEvent', [
    t('TimeStamp', writeDateTime(change.at, UTC)),
    folderIdOf(change, folder, 'FolderId'),
    folderIdOf(change, parent, 'ParentFolderId'),
  ]);
}

function idOf({ mailbox }: MailboxChange, { number }: ItemPlace): string {
  return encodeItemId({ mailboxGuid: mailbox.identity.guid, number, day: undefined });
}

function folderIdOf({ mailbox }: MailboxChange, name: string, element: string): XmlNode {
  return writeFolderId(mailbox, mailbox.folder(name)!, element);
}
