import { z } from 'zod';
import { MethodError } from './method-error.ts';

/** Where the next page of `getEvents` begins. */
const pageToken = z.object({
  from: z.int(),
  to: z.int(),
  /** Of the first page. */
  position: z.string(),
  start: z.int(),
  id: z.uuid(),
});
export type PageToken = z.output<typeof pageToken>;

export function writePageToken(token: PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/**
 * @param range of the request that brings it; a token belongs to the range that it was given out for
 * @throws MethodError positionMalformed
 */
export function readPageToken(text: string, range: { readonly from: number; readonly to: number }): PageToken {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  const { success, data } = pageToken.safeParse(value);
  if (success && data.from === range.from && data.to === range.to) return data;
  throw new MethodError('positionMalformed', 'pageToken was not given out for this range; begin again without it');
}
