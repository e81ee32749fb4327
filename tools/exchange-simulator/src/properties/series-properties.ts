import { writeRecurrence } from '../recurrence/recurrence-xml.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import type { ItemView } from '../store/item-view.ts';
import { livingDays, viewOfDay } from '../store/series.ts';
import { writeDateTime } from '../time/exchange-time.ts';
import { writeItemId } from './item-properties.ts';
import type { WriteContext } from './property-definition.ts';

function occurrenceInfo(name: string, view: ItemView, context: WriteContext): XmlNode {
  return t(name, [
    writeItemId(view),
    t('Start', writeDateTime(view.properties.start, context.zone)),
    t('End', writeDateTime(view.properties.end, context.zone)),
    t('OriginalStart', writeDateTime(view.occurrence?.originalStart ?? view.properties.start, context.zone)),
  ]);
}

/** The first occurrence that was not deleted; masters only. */
export function firstOccurrence({ mailbox, item, kind }: ItemView, context: WriteContext): XmlNode | undefined {
  if (kind !== 'RecurringMaster') return undefined;
  for (const day of livingDays(item)) return occurrenceInfo('FirstOccurrence', viewOfDay(mailbox, item, day), context);
  return undefined;
}

/** The last occurrence that was not deleted; masters of series that end. */
export function lastOccurrence({ mailbox, item, kind }: ItemView, context: WriteContext): XmlNode | undefined {
  if (kind !== 'RecurringMaster' || item.recurrence?.range.kind === 'noEnd') return undefined;
  const day = [...livingDays(item)].at(-1);
  return day === undefined ? undefined : occurrenceInfo('LastOccurrence', viewOfDay(mailbox, item, day), context);
}

/** The exceptions by original day; masters only. */
export function modifiedOccurrences({ mailbox, item, kind }: ItemView, context: WriteContext): XmlNode | undefined {
  if (kind !== 'RecurringMaster' || item.exceptions.size === 0) return undefined;
  const days = [...item.exceptions.keys()].sort((a, b) => a - b);
  return t(
    'ModifiedOccurrences',
    days.map((day) => occurrenceInfo('Occurrence', viewOfDay(mailbox, item, day), context)),
  );
}

/** The deleted occurrences by original start; masters only. */
export function deletedOccurrences({ mailbox, item, kind }: ItemView, context: WriteContext): XmlNode | undefined {
  if (kind !== 'RecurringMaster' || item.deletedDays.size === 0) return undefined;
  const days = [...item.deletedDays].sort((a, b) => a - b);
  return t(
    'DeletedOccurrences',
    days.map((day) => {
      const start = viewOfDay(mailbox, item, day).occurrence?.originalStart ?? 0;
      return t('DeletedOccurrence', t('Start', writeDateTime(start, context.zone)));
    }),
  );
}

/** The pattern and range; masters only. */
export function recurrence({ item, kind, properties }: ItemView): XmlNode | undefined {
  if (kind !== 'RecurringMaster' || item.recurrence === undefined) return undefined;
  // Exchange appends the offset of the series' zone at its start to the dates.
  const offset = writeDateTime(properties.start, properties.startZone).slice(19);
  return writeRecurrence(item.recurrence, offset === '' ? 'Z' : offset);
}

/** Writes the original start of an occurrence as `name`. */
export function originalStart(name: string) {
  return ({ occurrence }: ItemView, context: WriteContext): XmlNode | undefined =>
    occurrence === undefined ? undefined : t(name, writeDateTime(occurrence.originalStart, context.zone));
}
