import type { EwsCaller } from '../ews-caller.ts';
import { EwsReplyError } from '../ews-error.ts';
import { idOnlyShape } from '../item-properties.ts';
import { checkCount } from '../request-checks.ts';
import type { XmlElement } from '../xml-element.ts';

/** One entry of `m:Changes`; the item's details are not asked for. */
interface SyncChange {
  readonly kind: 'create' | 'update' | 'delete' | 'readFlag';
  readonly itemId: string;
}

export interface SyncFolderItemsRequest {
  readonly folderId: string;
  /** Null lists the whole folder. */
  readonly syncState: string | null;
  /** 1–512, default 512. */
  readonly maxChanges?: number | undefined;
}

export interface SyncPage {
  /** Never empty. */
  readonly syncState: string;
  /** False: more changes wait, ask again with the new state. */
  readonly complete: boolean;
  /** In the server's order; the same id may come more than once. */
  readonly changes: readonly SyncChange[];
  /** Changes of kinds, or of items, that no calendar has; skipped. */
  readonly ignored: number;
}

/** SyncFolderItems with ids alone: one page of changes. */
export async function syncFolderItems(
  caller: EwsCaller,
  mailbox: string,
  request: SyncFolderItemsRequest,
  signal: AbortSignal | undefined,
): Promise<SyncPage> {
  const place = caller.place(mailbox, 'SyncFolderItems');
  const changes: SyncChange[] = [];
  let ignored = 0;
  const answer = await caller.callForOne({
    operation: 'SyncFolderItems',
    mailbox,
    body: {
      ItemShape: idOnlyShape,
      SyncFolderId: { FolderId: { attributes: { Id: request.folderId } } },
      SyncState: request.syncState ?? undefined,
      MaxChangesReturned: checkCount('maxChanges', request.maxChanges ?? 512, 512, place),
    },
    parts: {
      within: 'm:Changes',
      take: (entry) => {
        const change = readChange(entry);
        if (change === null) ignored++;
        else changes.push(change);
        return null;
      },
    },
    signal,
  });
  const syncState = answer.childText('m:SyncState');
  const last = answer.childText('m:IncludesLastItemInRange');
  if (!syncState || (last !== 'true' && last !== 'false')) {
    const message = 'the reply holds no sync state: nothing of it can be used, try again later';
    throw new EwsReplyError(message, place, { errorClass: 'transient', scope: 'mailbox' });
  }
  return { syncState, complete: last === 'true', changes, ignored };
}

const kinds: ReadonlyMap<string, SyncChange['kind']> = new Map([
  ['t:Create', 'create'],
  ['t:Update', 'update'],
  ['t:Delete', 'delete'],
  ['t:ReadFlagChange', 'readFlag'],
]);

function readChange(entry: XmlElement): SyncChange | null {
  const kind = kinds.get(entry.name);
  const itemId = (entry.child('t:ItemId') ?? entry.descend('t:CalendarItem', 't:ItemId'))?.attribute('Id');
  return kind !== undefined && itemId ? { kind, itemId } : null;
}
