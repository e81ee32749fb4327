import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** The request body is larger than allowed. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  readonly code = 'body-too-large';

  constructor(limit: number) {
    super(`The request body is larger than ${limit} bytes.`);
  }
}

/**
 * Reads a whole request body as bytes, unpacking gzip.
 *
 * @throws BodyTooLargeError beyond `limit` bytes, packed or unpacked; Error for broken gzip or a broken connection
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLargeError(limit);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: limit });
  } catch (error) {
    if (error instanceof RangeError) throw new BodyTooLargeError(limit);
    throw error;
  }
}
