import { createHash } from 'node:crypto';

/** What a mailbox does once in a while, each thing at a moment of its own. */
type Occasion = 'new day' | 'repair' | 'poll';

/** Of the address's digest; each occasion takes four bytes of its own. */
const FIRST_BYTE: Record<Occasion, number> = { 'new day': 0, repair: 4, poll: 8 };

/**
 * Where in a period a mailbox does something: from 0 to below 1. It follows from the address, so that all workers agree on
 * it and the mailboxes spread over the period, whatever brought them together.
 */
export function mailboxPhase(address: string, occasion: Occasion): number {
  return createHash('sha1').update(address).digest().readUInt32BE(FIRST_BYTE[occasion]) / 2 ** 32;
}
