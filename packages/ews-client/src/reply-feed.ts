import { setImmediate } from 'node:timers/promises';
import type { ReplyReader } from './reply-reader.ts';

/**
 * So much of a reply is parsed before everybody else gets a turn: about a millisecond of work, so that even many replies
 * at the same time block nobody for long (docs/reference/exchange.md §13.2: 50 µs a KiB).
 */
export const bytesPerTurn = 16 * 1024;

/** Feeds a whole body to a reader, a little at a time, however large the chunks are that come. */
export async function feedReply(reader: ReplyReader, body: AsyncIterable<Uint8Array>): Promise<void> {
  let left = bytesPerTurn;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.byteLength; ) {
      const slice = chunk.subarray(at, at + left);
      reader.write(slice);
      at += slice.byteLength;
      left -= slice.byteLength;
      if (left > 0) continue;
      await setImmediate();
      left = bytesPerTurn;
    }
  }
}
