import type { EwsCaller } from '../ews-caller.ts';
import { viewShape } from '../item-properties.ts';
import { FoundEntries, type FoundItems, readFoundItems } from '../read-found-items.ts';
import { checkCount, checkRange } from '../request-checks.ts';

export interface CalendarViewRequest {
  /** Default: the mailbox's calendar. */
  readonly folderId?: string | undefined;
  readonly from: Date;
  /** At most two years after `from`. */
  readonly to: Date;
  /** 1–1000, default 1000. */
  readonly maxEntries?: number | undefined;
}

/** The entries of a time range; where it is not complete, ask for a smaller one. */
export type CalendarView = FoundItems;

/** FindItem with a CalendarView: the server expands series. */
export async function findCalendarView(
  caller: EwsCaller,
  mailbox: string,
  request: CalendarViewRequest,
  signal: AbortSignal | undefined,
): Promise<CalendarView> {
  const place = caller.place(mailbox, 'FindItem');
  const { start, end } = checkRange(request.from, request.to, place);
  const maxEntries = checkCount('maxEntries', request.maxEntries ?? 1000, 1000, place);
  const entries = new FoundEntries(maxEntries);
  const answer = await caller.callForOne({
    operation: 'FindItem',
    mailbox,
    body: {
      attributes: { Traversal: 'Shallow' },
      ItemShape: viewShape,
      CalendarView: { attributes: { MaxEntriesReturned: maxEntries, StartDate: start, EndDate: end } },
      ParentFolderIds:
        request.folderId === undefined
          ? { DistinguishedFolderId: { attributes: { Id: 'calendar' } } }
          : { FolderId: { attributes: { Id: request.folderId } } },
    },
    parts: entries,
    signal,
  });
  return readFoundItems(answer, entries, place);
}
