import { createHmac } from 'node:crypto';

/** Base32 without letters that look like digits (Crockford). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 20;

/** On everything that we create, so that it is recognized as ours. */
export const OWN_TAG = 'trueconf-calendar';

export interface ConferenceIdentity {
  readonly serverId: string;
  readonly eventId: string;
  /** Set when all occurrences of a series share one conference, whatever their lives. */
  readonly seriesKey: string | null;
  readonly life: number;
}

/**
 * The conference id of one life of an event: the same whenever it is asked for, so that a second attempt finds what the
 * first one made, and not to be guessed without the salt. 100 bits in digits and small letters.
 */
export function conferenceId(salt: Uint8Array, { serverId, eventId, seriesKey, life }: ConferenceIdentity): string {
  const name = seriesKey === null ? ['event', serverId, eventId, life] : ['series', serverId, seriesKey];
  const digest = createHmac('sha256', salt).update(JSON.stringify(name)).digest();
  return Array.from(digest.subarray(0, LENGTH), (byte) => ALPHABET[byte & 31]).join('');
}

/** What a client application opens: `trueconf:\c\<CID>@<server>%23vcs`. */
export function appUrl(cid: string, serverId: string): string {
  return `trueconf:\\c\\${cid}@${serverId}%23vcs`;
}
