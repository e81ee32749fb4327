import { type EwsCalendarItem, EwsError, type GetItemsOptions, type ItemRequest, type ItemResult } from 'ews-client';

/** Microsoft's samples ask for 10, exchangelib for 100 (docs/reference/exchange.md §4.5). */
const ITEMS_PER_BATCH = 25;
/** So often an item is asked for that the server fails at without saying why (docs/reference/exchange.md §10.2). */
const MOST_TRIES = 3;

/** GetItem for some items: one result each, in order. */
export type AskForItems = (requests: readonly ItemRequest[], options: GetItemsOptions) => Promise<ItemResult[]>;

interface Wanted {
  readonly request: ItemRequest;
  readonly place: number;
  tries: number;
}

/** Null: it is skipped. An error: it is asked for again, alone or with fewer others. */
type Outcome = EwsCalendarItem | null | EwsError;

/**
 * One item or null per request, in order. A batch that is too much for the server is halved; of a batch that it stopped
 * half-way, only what it did not try is asked for again. What is gone or corrupt, too much even alone, spoils every reply,
 * or makes the server fail three times while it serves others, is null: it must not keep the others from being read.
 *
 * @throws EwsError for any other failure, so that nothing passes for missing
 */
export async function fetchItems(
  ask: AskForItems,
  requests: readonly ItemRequest[],
): Promise<(EwsCalendarItem | null)[]> {
  const answers: (EwsCalendarItem | null)[] = requests.map(() => null);
  const wanted = requests.map((request, place): Wanted => ({ request, place, tries: 0 }));
  let size = ITEMS_PER_BATCH;
  let served = false;
  while (wanted.length > 0) {
    const batch = wanted.splice(0, size);
    const outcomes = await outcomesOf(ask, batch);
    const failed = outcomes.filter((outcome) => outcome instanceof EwsError);
    served ||= outcomes.some((outcome) => outcome !== null && !(outcome instanceof EwsError));
    if (failed.length > 0) size = Math.ceil(batch.length / 2);
    for (const [index, one] of batch.entries()) {
      const outcome = outcomes[index] ?? null;
      one.tries++;
      if (!(outcome instanceof EwsError)) answers[one.place] = outcome;
      else if (failed.length === batch.length && batch.length > 1) wanted.push(one);
      else if (!isServerFailure(outcome)) {
        // Stopped half-way; not even one of them was tried: that is no fault of an item.
        if (batch.length === 1) throw outcome;
        wanted.push(one);
      } else if (one.tries < MOST_TRIES) wanted.push(one);
      // Where nothing was served it is the server that fails, and not the item.
      else if (!served) throw outcome;
    }
  }
  return answers;
}

async function outcomesOf(ask: AskForItems, batch: readonly Wanted[]): Promise<Outcome[]> {
  const requests = batch.map(({ request }) => request);
  try {
    return requests.length === 1 ? await getAlone(ask, requests) : await getBatch(ask, requests);
  } catch (error) {
    if (!(error instanceof EwsError) || !isOfSomeItem(error)) throw error;
    return requests.map(() => error);
  }
}

/**
 * Details of some items. An item with content that Exchange cannot convert is asked for once more without its body; one
 * that is gone or corrupt is null; any error that says nothing about an item ends the batch.
 */
async function getBatch(ask: AskForItems, requests: readonly ItemRequest[]): Promise<Outcome[]> {
  const results = await ask(requests, { body: 'preview' });
  const retried = requests.filter((_, index) => isCorrupt(results[index]));
  const bare = retried.length === 0 ? [] : await ask(retried, { body: 'none' });
  return requests.map((request, index) => {
    const result = isCorrupt(results[index]) ? bare[retried.indexOf(request)] : results[index];
    if (result === undefined) throw new Error('a checked reply answers every request');
    if (result.ok) return result.item;
    if (result.error.errorClass === 'item') return null;
    if (isOfSomeItem(result.error)) return result.error;
    throw result.error;
  });
}

/** Details of the one item that halving has come down to: where its reply cannot be taken, without its body or not at all. */
async function getAlone(ask: AskForItems, requests: readonly ItemRequest[]): Promise<Outcome[]> {
  try {
    return await getBatch(ask, requests);
  } catch (error) {
    if (!isSpoilt(error)) throw error;
  }
  try {
    const [result] = await ask(requests, { body: 'none' });
    if (result?.ok === false && result.error.errorClass !== 'item') return [result.error];
    return [result?.ok ? result.item : null];
  } catch (error) {
    if (!isSpoilt(error)) throw error;
    return [null];
  }
}

/** The reply to this one item is too large or no XML: trying again would bring the same. */
function isSpoilt(error: unknown): boolean {
  if (!(error instanceof EwsError)) return false;
  return error.errorClass === 'item' || (error.errorClass === 'size' && !TOO_SLOW.has(error.responseCode ?? ''));
}

/** It may be one item's fault, or that of how many were asked for: asking for fewer tells. */
function isOfSomeItem(error: EwsError): boolean {
  return error.errorClass === 'size' || error.errorClass === 'item' || isServerFailure(error);
}

function isServerFailure({ responseCode }: EwsError): boolean {
  return responseCode === 'ErrorInternalServerError';
}

/** Said of the time that a batch took, and not of an item. */
const TOO_SLOW = new Set(['ErrorTimeoutExpired', 'ErrorBatchProcessingStopped']);

const CORRUPT = new Set([
  'ErrorCorruptData',
  'ErrorItemCorrupt',
  'ErrorMimeContentConversionFailed',
  'ErrorContentConversionFailed',
]);

function isCorrupt(result: ItemResult | undefined): boolean {
  return result?.ok === false && CORRUPT.has(result.error.responseCode ?? '');
}
