import { EwsError, violationAt } from '../ews-error.ts';
import { decodeItemId } from '../ids.ts';
import { integerText, requiredAttribute } from '../soap/check-sequence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import type { CalendarItem } from '../store/calendar-item.ts';
import { type ItemView, viewOfItem } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { occurrenceByIndex, requireOccurrence } from '../store/series.ts';
import type { RequestContext } from './request-context.ts';
import { checkAccess } from './resolve-folder.ts';

/**
 * What an `ItemId`, `OccurrenceItemId` or `RecurringMasterItemId` shows.
 *
 * @throws EwsError `ErrorItemNotFound`, `ErrorInvalidIdMalformed`, `ErrorAccessDenied`, the occurrence errors of
 *   docs/reference/exchange.md §8.3, `ErrorCalendarCannotUseIdForRecurringMasterId`,
 *   `ErrorCalendarCannotUseIdForOccurrenceId`.
 */
export function resolveItem(element: XmlElement, context: RequestContext): ItemView {
  switch (element.name) {
    case 'ItemId':
    case 'ReferenceItemId': {
      const { mailbox, item, day } = locate(requiredAttribute(element, 'Id'), context);
      return day === undefined ? viewOfItem(mailbox, item) : requireOccurrence(mailbox, item, day);
    }
    case 'OccurrenceItemId': {
      const { mailbox, item, day } = locate(requiredAttribute(element, 'RecurringMasterId'), context);
      if (item.recurrence === undefined || day !== undefined) {
        throw new EwsError(
          'ErrorCalendarCannotUseIdForRecurringMasterId',
          'The RecurringMasterId is not the id of a recurring master.',
        );
      }
      const index = integerText(element, requiredAttribute(element, 'InstanceIndex'), 0, 2_147_483_647);
      return occurrenceByIndex(mailbox, item, index);
    }
    case 'RecurringMasterItemId': {
      const { mailbox, item, day } = locate(requiredAttribute(element, 'OccurrenceId'), context);
      if (day === undefined) {
        throw new EwsError(
          'ErrorCalendarCannotUseIdForOccurrenceId',
          'The OccurrenceId is not the id of an occurrence.',
        );
      }
      return viewOfItem(mailbox, item);
    }
    default:
      throw violationAt(element, `The simulator does not resolve items by '${element.name}'.`);
  }
}

function locate(
  id: string,
  context: RequestContext,
): { mailbox: Mailbox; item: CalendarItem; day: number | undefined } {
  const { mailboxGuid, number, day } = decodeItemId(id);
  const mailbox = context.organization.mailboxByGuid(mailboxGuid);
  const item = mailbox?.item(number);
  if (mailbox === undefined || item === undefined) {
    throw new EwsError('ErrorItemNotFound', 'The specified object was not found in the store.');
  }
  checkAccess(mailbox, context);
  return { mailbox, item, day };
}
