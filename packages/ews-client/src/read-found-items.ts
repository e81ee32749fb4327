import type { EwsViewItem } from './calendar-item.ts';
import { type EwsCallPlace, EwsReplyError } from './ews-error.ts';
import { readViewItem } from './read-view-item.ts';
import type { PartTaker } from './reply-reader.ts';
import type { XmlElement } from './xml-element.ts';
import { UnreadableFieldError } from './xsd-values.ts';

/** An item that came but could not be understood; never a reason to delete it. */
export interface UnreadableItem {
  readonly itemId: string | null;
  /** Names the missing or broken field, no content. */
  readonly reason: string;
}

/** What FindItem returned. */
export interface FoundItems {
  readonly items: readonly EwsViewItem[];
  readonly unreadable: readonly UnreadableItem[];
  /** False: the server cut the list, there is more. */
  readonly complete: boolean;
  /** `TotalItemsInView` as the server counts. */
  readonly total: number;
}

/** The entries of a FindItem answer, read as they come: of the reply nothing else stays. */
export class FoundEntries implements PartTaker {
  readonly within = 't:Items';
  readonly items: EwsViewItem[] = [];
  readonly unreadable: UnreadableItem[] = [];
  readonly #most: number;
  /** The server listed more than it was asked for, which some do. The rest is not kept: the list counts as cut. */
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

/**
 * What a FindItem answer says around its entries.
 * @throws EwsReplyError when it does not say whether the list is whole.
 */
export function readFoundItems(answer: XmlElement, entries: FoundEntries, place: EwsCallPlace): FoundItems {
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
