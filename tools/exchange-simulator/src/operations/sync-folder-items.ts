import { violationAt } from '../ews-error.ts';
import { encodeItemId } from '../ids.ts';
import { writeItemId } from '../properties/item-properties.ts';
import { type ItemShape, readItemShape, writeCalendarItem } from '../properties/item-shape.ts';
import { checkSequence, requiredChild } from '../soap/check-sequence.ts';
import { child, childText, type XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import type { ChangeKind } from '../store/change-log.ts';
import { viewOfItem } from '../store/item-view.ts';
import { decodeSyncState, encodeSyncState, type SyncPosition } from '../store/sync-state.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { type ResolvedFolder, resolveTargetFolder } from './resolve-folder.ts';

interface PendingChange {
  readonly kind: ChangeKind;
  readonly itemNumber: number;
}

interface Page {
  readonly changes: readonly PendingChange[];
  readonly position: SyncPosition;
  readonly complete: boolean;
}

const MAX_CHANGES = 512;

/**
 * SyncFolderItems: the whole folder first, then the change log from the state's position on (docs/reference/exchange.md
 * §5.1).
 */
export function syncFolderItems(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['ItemShape', 'SyncFolderId', 'SyncState', 'Ignore', 'MaxChangesReturned', 'SyncScope']);
  const shape = readItemShape(requiredChild(request, 'ItemShape'), context.version);
  const limit = readLimit(requiredChild(request, 'MaxChangesReturned'));
  const ignored = new Set(child(request, 'Ignore')?.children.map(({ attributes }) => attributes.Id));
  const answerPage = (target: XmlElement) => {
    const resolved = resolveTargetFolder(target, context);
    const state = childText(request, 'SyncState') ?? '';
    const page = state === '' ? listing(resolved, 0, resolved.mailbox.log.head, limit) : next(resolved, state, limit);
    const nodes = page.changes.map((change) => writeChange(change, resolved, shape, ignored, context));
    return [
      m('SyncState', encodeSyncState(resolved.mailbox, resolved.folder, page.position)),
      m('IncludesLastItemInRange', String(page.complete)),
      m('Changes', nodes),
    ];
  };
  return answerEach('SyncFolderItems', [requiredChild(request, 'SyncFolderId')], answerPage);
}

function readLimit(element: XmlElement): number {
  const limit = Number(element.text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_CHANGES) return limit;
  throw violationAt(
    element,
    `The 'MaxChangesReturned' element is invalid: the value '${element.text}' is not between 1 and 512.`,
  );
}

function next(resolved: ResolvedFolder, state: string, limit: number): Page {
  const { sequence, listedUpTo } = decodeSyncState(state, resolved.mailbox, resolved.folder);
  if (listedUpTo !== undefined) return listing(resolved, listedUpTo, sequence, limit);
  return changes(resolved, sequence, limit);
}

/** A page of the first listing. What changes meanwhile comes again after `sequence`, the head when the listing began. */
function listing({ mailbox, folder }: ResolvedFolder, after: number, sequence: number, limit: number): Page {
  const numbers: number[] = [];
  let more = false;
  for (const { number } of mailbox.itemsIn(folder.name)) {
    if (number <= after) continue;
    more = numbers.length === limit;
    if (more) break;
    numbers.push(number);
  }
  const behind = [...mailbox.log.after(sequence, folder.name)].length > 0;
  return {
    changes: numbers.map((itemNumber) => ({ kind: 'create', itemNumber })),
    position: { sequence, listedUpTo: more ? numbers.at(-1) : undefined },
    complete: !more && !behind,
  };
}

/** A page of the log. Within a page an item shows once, where it changed last; its state is the present one. */
function changes({ mailbox, folder }: ResolvedFolder, after: number, limit: number): Page {
  const merged = new Map<number, ChangeKind>();
  let sequence = after;
  let complete = true;
  for (const change of mailbox.log.after(after, folder.name)) {
    if (!merged.has(change.itemNumber) && merged.size === limit) {
      complete = false;
      break;
    }
    const kind = mergeKinds(merged.get(change.itemNumber), change.kind);
    merged.delete(change.itemNumber);
    merged.set(change.itemNumber, kind);
    sequence = change.sequence;
  }
  if (complete) sequence = mailbox.log.head;
  return {
    changes: [...merged].map(([itemNumber, kind]) => ({ itemNumber, kind })),
    position: { sequence, listedUpTo: undefined },
    complete,
  };
}

function mergeKinds(earlier: ChangeKind | undefined, later: ChangeKind): ChangeKind {
  if (later === 'delete' || earlier === undefined) return later;
  return earlier === 'create' || later === 'readFlag' ? earlier : later;
}

function writeChange(
  change: PendingChange,
  { mailbox, folder }: ResolvedFolder,
  shape: ItemShape,
  ignored: ReadonlySet<string | undefined>,
  context: RequestContext,
): XmlNode | undefined {
  const id = encodeItemId({ mailboxGuid: mailbox.identity.guid, number: change.itemNumber, day: undefined });
  if (ignored.has(id)) return undefined;
  if (change.kind === 'delete') return t('Delete', t('ItemId', [], { Id: id }));
  const item = mailbox.item(change.itemNumber);
  // Gone by now: its deletion is on a later page.
  if (item === undefined || item.folder !== folder.name) return undefined;
  const view = viewOfItem(mailbox, item);
  if (change.kind === 'readFlag') return t('ReadFlagChange', [writeItemId(view), t('IsRead', 'true')]);
  const node = writeCalendarItem(view, shape, { zone: context.zone, version: context.version, light: true });
  return t(change.kind === 'create' ? 'Create' : 'Update', node);
}
