import type { EwsViewItem } from '../calendar-item.ts';
import type { EwsCaller } from '../ews-caller.ts';
import { type EwsCallPlace, EwsReplyError } from '../ews-error.ts';
import { viewShape } from '../item-properties.ts';
import { readViewItem } from '../read-view-item.ts';
import type { PartTaker } from '../reply-reader.ts';
import { checkCount, checkRange } from '../request-checks.ts';
import type { XmlElement } from '../xml-element.ts';
import { UnreadableFieldError } from '../xsd-values.ts';

export interface CalendarViewRequest {
  /** Default: the mailbox's calendar. */
  readonly folderId?: string | undefined;
  readonly from: Date;
  /** At most two years after `from`. */
  readonly to: Date;
  /** 1–1000, default 1000. */
  readonly maxEntries?: number | undefined;
}

/** An item that came but could not be understood; never a reason to delete it. */
export interface UnreadableItem {
  readonly itemId: string | null;
  /** Names the missing or broken field, no content. */
  readonly reason: string;
}

export interface CalendarView {
  readonly items: readonly EwsViewItem[];
  readonly unreadable: readonly UnreadableItem[];
  /** False: the server cut the list; ask for a smaller time range. */
  readonly complete: boolean;
  /** `TotalItemsInView` as the server counts. */
  readonly total: number;
}

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
  const entries = new ViewEntries(maxEntries);
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
  return readView(answer, entries, place);
}

/** The entries of a view, read as they come: of the reply nothing else stays. */
class ViewEntries implements PartTaker {
  readonly within = 't:Items';
  readonly items: EwsViewItem[] = [];
  readonly unreadable: UnreadableItem[] = [];
  readonly #most: number;
  /** The server listed more than it was asked for, which some do. The rest is not kept: the view counts as cut. */
  overfull = false;

  constructor(most: number) {
    this.#most = most;
  }

  take(element: XmlElement): null {
    if (this.items.length + this.unreadable.length >= this.#most) {
      this.overfull = true;
      return null;
    }
    try {
      if (element.name !== 't:CalendarItem') throw new UnreadableFieldError(element.name, 'is no calendar item');
      this.items.push(readViewItem(element));
    } catch (failure) {
      if (!(failure instanceof UnreadableFieldError)) throw failure;
      this.unreadable.push({ itemId: element.child('t:ItemId')?.attribute('Id') ?? null, reason: failure.message });
    }
    return null;
  }
}

function readView(answer: XmlElement, entries: ViewEntries, place: EwsCallPlace): CalendarView {
  const folder = answer.child('m:RootFolder');
  const last = folder?.attribute('IncludesLastItemInRange');
  if (folder === undefined || (last !== 'true' && last !== 'false')) {
    const message = 'the reply does not say whether the view is complete: nothing of it can be used';
    throw new EwsReplyError(message, place, { errorClass: 'transient', scope: 'mailbox' });
  }
  const { items, unreadable, overfull } = entries;
  const total = Number(folder.attribute('TotalItemsInView'));
  return {
    items,
    unreadable,
    complete: last === 'true' && !overfull,
    total: Number.isInteger(total) ? total : items.length + unreadable.length,
  };
}
