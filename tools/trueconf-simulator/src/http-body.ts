import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';

const maxBodyBytes = 1024 * 1024;

/**
 * The parsed body: JSON, or (unless `jsonOnly`) a form as an object of strings; undefined when empty.
 *
 * @throws ApiError 400 for bad JSON, 413 for more than 1 MiB; a socket error when the client goes away.
 */
export async function readBody(request: IncomingMessage, jsonOnly = false): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  if (size > maxBodyBytes) throw new ApiError(413, 'payloadTooLarge', 'The body is over 1 MiB');
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return undefined;
  if (!jsonOnly && contentType(request) === 'application/x-www-form-urlencoded')
    return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError(400, 'invalidRequest', 'The body is not JSON');
  }
}

export function contentType(request: IncomingMessage): string | null {
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? null;
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
}
