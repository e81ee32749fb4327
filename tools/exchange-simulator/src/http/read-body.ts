import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** The request body is larger than allowed. */
export class BodyTooLargeError extends Error {
  readonly code = 'body-too-large';

  constructor(limit: number) {
    super(`The request body is larger than ${limit} bytes.`);
    this.name = new.target.name;
  }
}

/**
 * Reads a whole request body as bytes, unpacking gzip. What exceeds the limit is read and thrown away, so that the client
 * still gets its answer.
 *
 * @throws BodyTooLargeError beyond `limit` bytes, packed or unpacked; Error for broken gzip or a broken connection
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const body = await collect(request, limit);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: limit });
  } catch (error) {
    if (error instanceof RangeError) throw new BodyTooLargeError(limit);
    throw error;
  }
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(new BodyTooLargeError(limit));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The client closed the connection before its request was complete.')));
  });
}
