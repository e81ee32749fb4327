import type { EwsCalendarItem } from '../calendar-item.ts';
import type { EwsCaller } from '../ews-caller.ts';
import { type EwsCallPlace, type EwsError, EwsReplyError } from '../ews-error.ts';
import { detailShape } from '../item-properties.ts';
import { readCalendarItem } from '../read-calendar-item.ts';
import type { ResponseMessage } from '../response-messages.ts';
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
  const answers = await caller.call({
    operation: 'GetItem',
    mailbox,
    body: { ItemShape: detailShape(options.body), ItemIds: { $choice: requests.map(itemReference) } },
    expected: requests.length,
    signal,
  });
  return answers.map((answer) => readResult(answer, place));
}

function itemReference(request: ItemRequest) {
  return 'itemId' in request
    ? { ItemId: { attributes: { Id: request.itemId } } }
    : { RecurringMasterItemId: { attributes: { OccurrenceId: request.masterOf } } };
}

function readResult(answer: ResponseMessage, place: EwsCallPlace): ItemResult {
  if (!answer.ok) return { ok: false, error: answer.error };
  const items = answer.element.child('m:Items')?.children ?? [];
  const [item] = items;
  try {
    if (items.length !== 1 || item?.name !== 't:CalendarItem') {
      throw new UnreadableFieldError('m:Items', 'holds no single calendar item');
    }
    return { ok: true, item: readCalendarItem(item) };
  } catch (failure) {
    if (!(failure instanceof UnreadableFieldError)) throw failure;
    const details = { errorClass: 'item', scope: 'item' } as const;
    return { ok: false, error: new EwsReplyError(`an item cannot be read: ${failure.message}`, place, details) };
  }
}
