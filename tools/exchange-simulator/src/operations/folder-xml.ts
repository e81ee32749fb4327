import { encodeChangeKey, encodeFolderId } from '../ids.ts';
import { readExtendedPath } from '../properties/extended-properties.ts';
import { checkSequence, enumText, requiredChild } from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import { type Folder, isCalendarFolder } from '../store/folder.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { writeDateTime } from '../time/exchange-time.ts';
import { UTC } from '../time/exchange-zone.ts';

/** Which folder properties a client wants. */
export interface FolderShape {
  readonly base: 'IdOnly' | 'Default' | 'AllProperties';
  readonly uris: ReadonlySet<string>;
  readonly extended: readonly { identity: string; uri: Readonly<Record<string, string>> }[];
}

export function readFolderShape(element: XmlElement): FolderShape {
  checkSequence(element, ['BaseShape', 'AdditionalProperties']);
  const paths = child(element, 'AdditionalProperties')?.children ?? [];
  return {
    base: enumText(requiredChild(element, 'BaseShape'), ['IdOnly', 'Default', 'AllProperties']),
    uris: new Set(paths.filter(({ name }) => name === 'FieldURI').map(({ attributes }) => attributes.FieldURI ?? '')),
    extended: paths.filter(({ name }) => name === 'ExtendedFieldURI').map(readExtendedPath),
  };
}

/** `t:FolderId` of a folder, or the same under another name. */
export function writeFolderId(mailbox: Mailbox, folder: Folder, name: string): XmlNode {
  return t(name, [], {
    Id: encodeFolderId({ mailboxGuid: mailbox.identity.guid, number: folder.number }),
    ChangeKey: encodeChangeKey(folder.number),
  });
}

const DEFAULT_URIS = new Set([
  'folder:DisplayName',
  'folder:TotalCount',
  'folder:ChildFolderCount',
  'folder:UnreadCount',
]);

/** Writes `t:CalendarFolder` or `t:Folder` in the order of the schema. */
export function writeFolder(mailbox: Mailbox, folder: Folder, shape: FolderShape): XmlNode {
  const wants = (uri: string) =>
    shape.base === 'AllProperties' || shape.uris.has(uri) || (shape.base === 'Default' && DEFAULT_URIS.has(uri));
  const when = (uri: string, write: () => XmlNode | undefined) => (wants(uri) ? write() : undefined);
  const parent = folder.parent === undefined ? undefined : mailbox.folder(folder.parent);
  const children = mailbox.folders().filter((candidate) => candidate.parent === folder.name);
  const calendar = isCalendarFolder(folder);
  return t(calendar ? 'CalendarFolder' : 'Folder', [
    writeFolderId(mailbox, folder, 'FolderId'),
    when('folder:ParentFolderId', () =>
      parent === undefined ? undefined : writeFolderId(mailbox, parent, 'ParentFolderId'),
    ),
    when('folder:FolderClass', () =>
      folder.folderClass === undefined ? undefined : t('FolderClass', folder.folderClass),
    ),
    when('folder:DisplayName', () => t('DisplayName', folder.displayName)),
    when('folder:TotalCount', () => t('TotalCount', String([...mailbox.itemsIn(folder.name)].length))),
    when('folder:ChildFolderCount', () => t('ChildFolderCount', String(children.length))),
    ...shape.extended.map((path) => folderExtendedProperty(mailbox, path)),
    when('folder:EffectiveRights', effectiveRights),
    when('folder:DistinguishedFolderId', () =>
      folder.distinguished ? t('DistinguishedFolderId', folder.name) : undefined,
    ),
    calendar ? undefined : when('folder:UnreadCount', () => t('UnreadCount', '0')),
  ]);
}

function effectiveRights(): XmlNode {
  const names = ['CreateAssociated', 'CreateContents', 'CreateHierarchy', 'Delete', 'Modify', 'Read'];
  return t(
    'EffectiveRights',
    names.map((name) => t(name, 'true')),
  );
}

/**
 * LocalCommitTimeMax and DeletedCountTotal, the cheap "did anything happen" probe (docs/reference/exchange.md §3.3).
 */
function folderExtendedProperty(mailbox: Mailbox, path: FolderShape['extended'][number]): XmlNode | undefined {
  const values: Readonly<Record<string, string>> = {
    [`tag:${0x670a}:SystemTime`]: writeDateTime(mailbox.lastChangeAt, UTC),
    [`tag:${0x670b}:Integer`]: String(mailbox.deletedCount),
  };
  const value = values[path.identity];
  return value === undefined
    ? undefined
    : t('ExtendedProperty', [t('ExtendedFieldURI', [], path.uri), t('Value', value)]);
}
