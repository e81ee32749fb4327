import { EwsError } from '../ews-error.ts';
import type { ItemDraft } from '../properties/property-definition.ts';
import type { Recurrence } from '../recurrence/recurrence.ts';
import type { CalendarItem, CalendarProperties } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import { dayOfInstant, livingDays, viewOfDay } from '../store/series.ts';
import { settleTimes } from './item-times.ts';

/** What an update did, for the decision what attendees must be told. */
export interface UpdateEffect {
  /** Start, end, zone or recurrence changed: attendees have to answer again. */
  readonly significant: boolean;
}

/**
 * Changes a single, a master or one occurrence (which thereby becomes an exception), without sending anything.
 *
 * @throws EwsError for times that Exchange refuses, `ErrorOccurrenceCrossingBoundary`, `ErrorInvalidPropertySet`.
 */
export function updateCalendarItem(organization: Organization, view: ItemView, draft: ItemDraft): UpdateEffect {
  const effect =
    view.occurrence === undefined ? updateWhole(view.item, draft) : updateOccurrence(organization, view, draft);
  const by = view.mailbox.identity.displayName;
  if (view.occurrence === undefined) view.mailbox.touch(view.item, by);
  else view.mailbox.touchForOccurrence(view.item, by);
  return effect;
}

function updateWhole(item: CalendarItem, draft: ItemDraft): UpdateEffect {
  const before = { ...item.properties };
  const after: CalendarProperties = { ...item.properties, ...draft.properties };
  if (draft.properties.freeBusy !== undefined) after.intendedFreeBusy = draft.properties.freeBusy;
  const recurrence = recurrenceAfter(item, draft, after);
  settleTimes(after, recurrence);
  const rescheduled = timesDiffer(before, after) || !sameRecurrence(item.recurrence, recurrence);
  if (rescheduled) {
    // As in Outlook, a series with another pattern or time forgets what was special about single days.
    item.exceptions.clear();
    item.deletedDays.clear();
  }
  item.properties = after;
  item.recurrence = recurrence;
  return { significant: rescheduled };
}

function recurrenceAfter(item: CalendarItem, draft: ItemDraft, after: CalendarProperties): Recurrence | undefined {
  if (draft.recurrence === null) return undefined;
  if (draft.recurrence !== undefined) return draft.recurrence;
  const { recurrence } = item;
  if (recurrence === undefined || draft.properties.start === undefined) return recurrence;
  const day = dayOfInstant(after, after.start);
  if (day === dayOfInstant(item.properties, item.properties.start)) return recurrence;
  return { ...recurrence, range: { ...recurrence.range, startDay: day } };
}

function sameRecurrence(left: Recurrence | undefined, right: Recurrence | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function timesDiffer(before: CalendarProperties, after: CalendarProperties): boolean {
  return (
    before.start !== after.start ||
    before.end !== after.end ||
    before.isAllDay !== after.isAllDay ||
    before.startZone.iana !== after.startZone.iana
  );
}

function updateOccurrence(organization: Organization, view: ItemView, draft: ItemDraft): UpdateEffect {
  if (draft.recurrence !== undefined || draft.uid !== undefined) {
    throw new EwsError('ErrorInvalidPropertySet', 'Recurrence and UID cannot be set on an occurrence of a series.');
  }
  const { item, mailbox } = view;
  const day = view.occurrence!.day;
  const after: CalendarProperties = { ...view.properties, ...draft.properties };
  settleTimes(after, undefined);
  if (after.start !== view.properties.start) checkBoundaries(mailbox, item, day, after.start);
  const previous = item.exceptions.get(day)?.overrides;
  item.exceptions.set(day, {
    overrides: { ...previous, ...draft.properties, start: after.start, end: after.end },
    modifiedAt: organization.now(),
  });
  return { significant: timesDiffer(view.properties, after) };
}

/** An occurrence stays between its neighbours, each on a day of its own. */
function checkBoundaries(mailbox: Mailbox, item: CalendarItem, day: number, start: number): void {
  const wanted = dayOfInstant(item.properties, start);
  for (const other of livingDays(item, Math.max(day, wanted) + 366)) {
    if (other === day) continue;
    const current = dayOfInstant(item.properties, viewOfDay(mailbox, item, other).properties.start);
    if (other < day ? wanted <= current : wanted >= current) {
      throw new EwsError(
        'ErrorOccurrenceCrossingBoundary',
        'Modified occurrence is crossing or overlapping adjacent occurrence.',
      );
    }
    if (other > day) return;
  }
}
