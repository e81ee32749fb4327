import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { discardBody } from './discard-body.ts';
import { EwsReplyError } from './ews-error.ts';
import { networkError } from './network-error.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

/** Headers that a transport adds to a request. */
export type AddedHeaders = Readonly<Record<string, string>>;

/** Each call has its own deadline in the signal, for headers and body together. */
export const noOwnTimeouts = { headersTimeout: 0, bodyTimeout: 0 } as const;

/**
 * POSTs a request over some sockets. Redirects are answers like any other: never followed.
 * @throws EwsError for anything but an HTTP answer; the signal's reason when it aborts.
 */
export async function exchange(
  sockets: Dispatcher,
  path: string,
  request: TransportRequest,
  added: AddedHeaders,
): Promise<TransportReply> {
  const { signal, place } = request;
  try {
    const { statusCode, headers, body } = await sockets.request({
      method: 'POST',
      path,
      headers: { ...request.headers, ...added },
      body: request.body,
      signal,
    });
    return { status: statusCode, headers, body: unpacked(body, headers['content-encoding'], request) };
  } catch (failure) {
    if (signal.aborted) throw signal.reason;
    throw networkError(failure, place);
  }
}

async function* unpacked(
  body: NodeJS.ReadableStream,
  encoding: string | string[] | undefined,
  { signal, place }: TransportRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const packing = String(encoding ?? 'identity').toLowerCase();
  if (packing !== 'identity' && packing !== 'gzip') {
    await discardBody(body as AsyncIterable<Buffer>);
    throw new EwsReplyError('the reply is packed in a way that was not asked for', place, {
      errorClass: 'config',
      scope: 'host',
    });
  }
  // `pipeline` hands a broken socket on to the reader and a leaving reader back to the socket.
  const source = packing === 'gzip' ? pipeline(body, createGunzip(), () => {}) : body;
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (failure) {
    if (signal.aborted) throw signal.reason;
    throw networkError(failure, place);
  }
}
