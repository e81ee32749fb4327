import type { CalendarFolderName } from './calendar-item.ts';
import type { Mailbox } from './mailbox.ts';

/** Where an item lies, or lay. */
export interface ItemPlace {
  readonly number: number;
  readonly folder: CalendarFolderName;
}

/** A change of a mailbox as its subscribers learn of it. What happens to an occurrence is a modification of its master. */
export interface MailboxChange {
  readonly mailbox: Mailbox;
  readonly kind: 'created' | 'modified' | 'deleted' | 'moved' | 'copied';
  /** Unix ms. */
  readonly at: number;
  readonly item: ItemPlace & { readonly changeKey: number };
  /** The place it was moved or copied from. */
  readonly old?: ItemPlace;
}
