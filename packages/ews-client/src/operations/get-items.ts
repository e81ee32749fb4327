import type { EwsCalendarItem } from '../calendar-item.ts';
import type { EwsCaller } from '../ews-caller.ts';
import { type EwsCallPlace, type EwsError, EwsReplyError } from '../ews-error.ts';
import { detailShape } from '../item-properties.ts';
import { readCalendarItem } from '../read-calendar-item.ts';
import type { PartTaker } from '../reply-reader.ts';
import type { ResponseMessage } from '../response-messages.ts';
import { XmlElement } from '../xml-element.ts';
import { UnreadableFieldError } from '../xsd-values.ts';

/** An item by its own id, or the master of the series that an occurrence belongs to. */
export type ItemRequest = { readonly itemId: string } | { readonly masterOf: string };

export type ItemResult =
  | { readonly ok: true; readonly item: EwsCalendarItem }
  | { readonly ok: false; readonly error: EwsError };

export interface GetItemsOptions {
  /** `none` also when a body is what makes an item unreadable. */
  readonly body: 'preview' | 'none';
}

/** GetItem: one result for each request, in the order of the requests. */
export async function getItems(
  caller: EwsCaller,
  mailbox: string,
  requests: readonly ItemRequest[],
  options: GetItemsOptions,
  signal: AbortSignal | undefined,
): Promise<ItemResult[]> {
  if (requests.length === 0) return [];
  const place = caller.place(mailbox, 'GetItem');
  const items = new ReadItems();
  const answers = await caller.call({
    operation: 'GetItem',
    mailbox,
    body: (version) => ({
      ItemShape: detailShape(options.body, version),
      ItemIds: { $choice: requests.map(itemReference) },
    }),
    expected: requests.length,
    parts: items,
    signal,
  });
  return answers.map((answer) => readResult(answer, items, place));
}

/** Items read as they come; a mark stays where each of them stood in the reply. */
class ReadItems implements PartTaker {
  readonly within = 'm:Items';
  readonly #byMark = new Map<XmlElement, EwsCalendarItem | UnreadableFieldError>();

  take(element: XmlElement): XmlElement {
    const mark = new XmlElement(element.name, element.attributes);
    this.#byMark.set(mark, readItem(element));
    return mark;
  }

  /** @throws UnreadableFieldError when the item could not be read */
  at(mark: XmlElement): EwsCalendarItem {
    const item = this.#byMark.get(mark);
    if (item === undefined) throw new Error('every item of a reply leaves a mark');
    if (item instanceof UnreadableFieldError) throw item;
    return item;
  }
}

function readItem(element: XmlElement): EwsCalendarItem | UnreadableFieldError {
  try {
    if (element.name !== 't:CalendarItem') throw new UnreadableFieldError(element.name, 'is no calendar item');
    return readCalendarItem(element);
  } catch (failure) {
    if (failure instanceof UnreadableFieldError) return failure;
    throw failure;
  }
}

function itemReference(request: ItemRequest) {
  return 'itemId' in request
    ? { ItemId: { attributes: { Id: request.itemId } } }
    : { RecurringMasterItemId: { attributes: { OccurrenceId: request.masterOf } } };
}

function readResult(answer: ResponseMessage, read: ReadItems, place: EwsCallPlace): ItemResult {
  if (!answer.ok) return { ok: false, error: answer.error };
  const marks = answer.element.child('m:Items')?.children ?? [];
  const [mark] = marks;
  try {
    if (marks.length !== 1 || mark === undefined) {
      throw new UnreadableFieldError('m:Items', 'holds no single calendar item');
    }
    return { ok: true, item: read.at(mark) };
  } catch (failure) {
    if (!(failure instanceof UnreadableFieldError)) throw failure;
    const details = { errorClass: 'item', scope: 'item' } as const;
    return { ok: false, error: new EwsReplyError(`an item cannot be read: ${failure.message}`, place, details) };
  }
}
