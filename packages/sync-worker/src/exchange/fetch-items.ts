import { type EwsCalendarItem, EwsError, type GetItemsOptions, type ItemRequest, type ItemResult } from 'ews-client';
import type { SingleQuestions } from './single-questions.ts';

/** Microsoft's samples ask for 10, exchangelib for 100 (docs/reference/exchange.md §4.5). */
const ITEMS_PER_BATCH = 25;
/** So often an item is asked for that the server fails at without saying why (docs/reference/exchange.md §10.2). */
const MOST_TRIES = 3;
/** Of fewer items a majority says nothing about the mailbox. */
const LEAST_FOR_MAJORITY = 5;

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
 * or makes the server fail three times while it serves others, is null. So is an item that the server answers with any
 * other code, once in a batch and once more alone: one item must not keep the others from being read.
 *
 * @param alone what is left of the single questions of this sync; items beyond them are null without being asked for again
 * @throws EwsError for what is about the mailbox: a failed call, codes of load, of a passing trouble and of a move, one code for more than half
 * of a batch of five or more, and a code that is known to be about mailboxes when no item was served
 */
export async function fetchItems(
  ask: AskForItems,
  requests: readonly ItemRequest[],
  alone: SingleQuestions,
): Promise<(EwsCalendarItem | null)[]> {
  const answers: (EwsCalendarItem | null)[] = requests.map(() => null);
  const wanted = requests.map((request, place): Wanted => ({ request, place, tries: 0 }));
  const refused: Wanted[] = [];
  let size = ITEMS_PER_BATCH;
  let served = false;
  while (wanted.length > 0) {
    const batch = wanted.splice(0, size);
    const outcomes = await outcomesOf(ask, batch);
    const failed = outcomes.filter((outcome) => outcome instanceof EwsError).filter(isOfSomeItem);
    served ||= outcomes.some((outcome) => outcome !== null && !(outcome instanceof EwsError));
    if (failed.length > 0) size = Math.ceil(batch.length / 2);
    for (const [index, one] of batch.entries()) {
      const outcome = outcomes[index] ?? null;
      one.tries++;
      if (!(outcome instanceof EwsError)) answers[one.place] = outcome;
      else if (!isOfSomeItem(outcome)) refused.push(one);
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
  for (const one of refused) {
    if (!alone.take()) break;
    const [outcome = null] = await outcomesOf(ask, [one]);
    if (!(outcome instanceof EwsError)) answers[one.place] = outcome;
    // A code that nobody foresaw says nothing about the mailbox; of the others the mailbox is to blame when none was served.
    else if (isPassing(outcome) || outcome.errorClass === 'size' || (!served && outcome.errorClass !== 'unknown'))
      throw outcome;
    served ||= outcome !== null && !(outcome instanceof EwsError);
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
 * that is gone or corrupt is null; any other code is an error of its item.
 * @throws EwsError when the call fails, for what passes by itself, and for one code in the place of most items
 */
async function getBatch(ask: AskForItems, requests: readonly ItemRequest[]): Promise<Outcome[]> {
  const results = await ask(requests, { body: 'preview' });
  throwForMailbox(results);
  const retried = requests.filter((_, index) => isCorrupt(results[index]));
  const bare = retried.length === 0 ? [] : await ask(retried, { body: 'none' });
  throwForMailbox(bare);
  return requests.map((request, index) => {
    const result = isCorrupt(results[index]) ? bare[retried.indexOf(request)] : results[index];
    if (result === undefined) throw new Error('a checked reply answers every request');
    if (result.ok) return result.item;
    return result.error.errorClass === 'item' ? null : result.error;
  });
}

/** @throws EwsError when a result is about what passes by itself, or one code stands in the place of most items: the mailbox has a trouble */
function throwForMailbox(results: readonly ItemResult[]): void {
  const errors = results.flatMap((result) => (result.ok ? [] : [result.error])).filter((error) => !isOfSomeItem(error));
  const passing = errors.find(isPassing);
  if (passing !== undefined) throw passing;
  if (results.length < LEAST_FOR_MAJORITY) return;
  for (const same of Map.groupBy(errors, ({ responseCode }) => responseCode).values()) {
    if (same.length > results.length / 2 && same[0] !== undefined) throw same[0];
  }
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
    if (result?.ok === false && result.error.errorClass !== 'item') {
      if (isPassing(result.error)) throw result.error;
      return [result.error];
    }
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

/** The server asks for a pause, has a passing trouble, or moves the mailbox: no item has anything to do with it. */
function isPassing(error: EwsError): boolean {
  const { errorClass } = error;
  return (
    errorClass === 'throttle' || errorClass === 'moving' || (errorClass === 'transient' && !isServerFailure(error))
  );
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
