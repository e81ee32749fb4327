import { z } from 'zod';
import { decodeItemId } from '../ids.ts';
import { parseDay } from '../recurrence/civil-day.ts';
import type { CalendarItem, CalendarProperties } from '../store/calendar-item.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { viewOfDay } from '../store/series.ts';
import { ControlError } from './control-error.ts';

const time = z.iso.datetime({ offset: true });

/** Body of `POST /control/silent-changes`. */
export const silentChangeSchema = z.strictObject({
  mailbox: z.string(),
  itemId: z.string(),
  /** Original local date of one occurrence of the series; for the item itself without it. */
  originalDate: z.iso.date().optional(),
  subject: z.string().optional(),
  location: z.string().optional(),
  start: time.optional(),
  end: time.optional(),
  /** Takes the occurrence out of its series. */
  deleted: z.boolean().optional(),
});

export type SilentChange = z.infer<typeof silentChangeSchema>;

/**
 * Changes an item, or one occurrence of a series, as a server does that forgets to say so: no entry in the change log,
 * the same change key, the same time of change.
 *
 * @throws ControlError 404 for an unknown item or a day that is not the series', 400 for a whole item to be deleted
 */
export function changeSilently(mailbox: Mailbox, change: SilentChange): void {
  const item = mailbox.item(decodeItemId(change.itemId).number);
  if (item === undefined) throw new ControlError(404, 'There is no such item.');
  const stated = statedProperties(change);
  if (change.originalDate === undefined) {
    if (change.deleted === true) throw new ControlError(400, 'Only an occurrence can be deleted silently.');
    item.properties = { ...item.properties, ...stated };
    return;
  }
  const day = parseDay(change.originalDate)!;
  if (item.recurrence === undefined) throw new ControlError(404, 'The item is no series.');
  if (change.deleted === true) {
    item.exceptions.delete(day);
    item.deletedDays.add(day);
    return;
  }
  changeOccurrence(mailbox, item, day, stated);
}

function changeOccurrence(
  mailbox: Mailbox,
  item: CalendarItem,
  day: number,
  stated: Partial<CalendarProperties>,
): void {
  const { start, end } = viewOfDay(mailbox, item, day).properties;
  const previous = item.exceptions.get(day);
  item.exceptions.set(day, {
    overrides: { ...previous?.overrides, start, end, ...stated },
    modifiedAt: previous?.modifiedAt ?? item.modifiedAt,
  });
}

function statedProperties({ subject, location, start, end }: SilentChange): Partial<CalendarProperties> {
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(location === undefined ? {} : { location }),
    ...(start === undefined ? {} : { start: Date.parse(start) }),
    ...(end === undefined ? {} : { end: Date.parse(end) }),
  };
}
