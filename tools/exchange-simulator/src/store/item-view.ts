import type { CivilDay } from '../recurrence/civil-day.ts';
import type { CalendarItem, CalendarProperties } from './calendar-item.ts';
import type { Mailbox } from './mailbox.ts';

type CalendarItemKind = 'Single' | 'Occurrence' | 'Exception' | 'RecurringMaster';

/** A calendar item as a client may look at it: a single, a master, or one occurrence with the series' values merged in. */
export interface ItemView {
  readonly mailbox: Mailbox;
  readonly item: CalendarItem;
  readonly kind: CalendarItemKind;
  readonly properties: Readonly<CalendarProperties>;
  readonly occurrence: { readonly day: CivilDay; readonly originalStart: number } | undefined;
  readonly modifiedAt: number;
}

/** The single or master itself. */
export function viewOfItem(mailbox: Mailbox, item: CalendarItem): ItemView {
  return {
    mailbox,
    item,
    kind: item.recurrence === undefined ? 'Single' : 'RecurringMaster',
    properties: item.properties,
    occurrence: undefined,
    modifiedAt: item.modifiedAt,
  };
}
