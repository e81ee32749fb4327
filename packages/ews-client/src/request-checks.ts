import { type EwsCallPlace, EwsRequestError } from './ews-error.ts';

const callersFault = { errorClass: 'config', scope: 'mailbox' } as const;

/** @throws EwsRequestError unless `address` has the form of a mailbox address. */
export function checkMailbox(address: string, place: EwsCallPlace): void {
  if (isMailboxAddress(address)) return;
  throw new EwsRequestError('this is no mailbox address: it must read name@domain', place, callersFault);
}

/** Whether a text can be asked about as the address of a mailbox. */
export function isMailboxAddress(text: string): boolean {
  return /^[^\s@<>"\p{C}]{1,128}@[^\s@<>"\p{C}]{1,255}$/u.test(text);
}

/** @throws EwsRequestError unless `value` is a whole number from 1 to `most`. */
export function checkCount(name: string, value: number, most: number, place: EwsCallPlace): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new EwsRequestError(`${name} must be a whole number from 1 to ${most}`, place, callersFault);
}

/**
 * The bounds of a time range as UTC, to the second: Exchange keeps no fractions.
 * @throws EwsRequestError when it is empty, backwards or longer than the two years of ErrorCalendarViewRangeTooBig.
 */
export function checkRange(from: Date, to: Date, place: EwsCallPlace): { start: string; end: string } {
  const length = to.getTime() - from.getTime();
  if (!(length > 0)) throw new EwsRequestError('the time range ends before it begins', place, callersFault);
  if (to.getTime() > addTwoYears(from)) {
    throw new EwsRequestError('the time range is longer than two years: split it', place, {
      errorClass: 'size',
      scope: 'mailbox',
    });
  }
  return { start: toSeconds(Math.floor(from.getTime() / 1000)), end: toSeconds(Math.ceil(to.getTime() / 1000)) };
}

function addTwoYears(from: Date): number {
  const limit = new Date(from);
  return limit.setUTCFullYear(limit.getUTCFullYear() + 2);
}

function toSeconds(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace('.000Z', 'Z');
}
