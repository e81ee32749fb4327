import type { EwsViewItem } from './calendar-item.ts';
import { type EwsCallPlace, EwsReplyError } from './ews-error.ts';
import { readViewItem } from './read-view-item.ts';
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

/**
 * The `m:RootFolder` of a FindItem answer.
 * @throws EwsReplyError when it does not say whether the list is whole.
 */
export function readFoundItems(answer: XmlElement, place: EwsCallPlace): FoundItems {
  const folder = answer.child('m:RootFolder');
  const last = folder?.attribute('IncludesLastItemInRange');
  if (folder === undefined || (last !== 'true' && last !== 'false')) {
    const message = 'the reply does not say whether the view is complete: nothing of it can be used';
    throw new EwsReplyError(message, place, { errorClass: 'transient', scope: 'mailbox' });
  }
  const items: EwsViewItem[] = [];
  const unreadable: UnreadableItem[] = [];
  for (const element of folder.child('t:Items')?.children ?? []) {
    try {
      if (element.name !== 't:CalendarItem') throw new UnreadableFieldError(element.name, 'is no calendar item');
      items.push(readViewItem(element));
    } catch (failure) {
      if (!(failure instanceof UnreadableFieldError)) throw failure;
      unreadable.push({ itemId: element.child('t:ItemId')?.attribute('Id') ?? null, reason: failure.message });
    }
  }
  const total = Number(folder.attribute('TotalItemsInView'));
  return {
    items,
    unreadable,
    complete: last === 'true',
    total: Number.isInteger(total) ? total : items.length + unreadable.length,
  };
}
