import { createHash } from 'node:crypto';

/**
 * How much two names weigh together (highest random weight): everybody who weighs the same candidates for one subject comes
 * to the same order, and a candidate that joins or leaves moves only its own share.
 * @returns text to compare
 */
export function rendezvousWeight(one: string, other: string): string {
  return createHash('sha1').update(`${one}\n${other}`).digest('hex');
}
