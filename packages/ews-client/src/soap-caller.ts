import { randomUUID } from 'node:crypto';
import { Deadline } from './deadline.ts';
import { discardBody } from './discard-body.ts';
import { type EwsCallPlace, EwsRequestError, type EwsResponseError, EwsTimeoutError } from './ews-error.ts';
import { httpStatusError, statusError } from './http-status-error.ts';
import { type EnvelopeOptions, readEnvelope } from './reply-envelope.ts';
import { readFault } from './response-messages.ts';
import { UnwritableValueError } from './soap-writer.ts';
import type { EwsTransport, TransportReply } from './transport.ts';
import type { XmlElement } from './xml-element.ts';

/** One call of a SOAP service. */
export interface SoapCall {
  /** The envelope to send, see `written`. */
  readonly body: string;
  readonly place: EwsCallPlace;
  /** Beside those that every call has. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Told the head of a reply when one comes. */
  readonly onReply?: (reply: TransportReply) => void;
  readonly reading?: EnvelopeOptions;
}

/** The reply to a call as a whole. */
export interface SoapReply {
  readonly envelope: XmlElement;
  /** For errors that are found in it. */
  readonly place: EwsCallPlace;
}

/** The reply to a call that goes on for long. */
export interface LongReply {
  readonly body: AsyncIterable<Uint8Array>;
  /** For errors that are found in it. */
  readonly place: EwsCallPlace;
}

export interface SoapCallerOptions {
  readonly transport: EwsTransport;
  readonly timeoutMs: number;
  readonly userAgent: string;
}

/** How often a call is made that ends with a fault and the end of its connection. */
const attemptsPerCall = 3;
/** Exchange refuses longer requests (ErrorRequestStreamTooBig, docs/reference/exchange.md §4.5). */
const maxRequestBytes = 400_000;

/** Sends the requests of a SOAP service and reads their replies as far as the envelope. Knows no service's content. */
export class SoapCaller {
  readonly #options: SoapCallerOptions;

  constructor(options: SoapCallerOptions) {
    this.#options = options;
  }

  /**
   * The envelope of a reply with a status of success.
   * @throws EwsError for everything else; the signal's reason when aborted.
   */
  async call(call: SoapCall): Promise<SoapReply> {
    const { timeoutMs } = this.#options;
    const deadline = new Deadline(timeoutMs, call.signal);
    try {
      return await this.#persist(() => this.#exchange(call, deadline.signal));
    } catch (failure) {
      if (deadline.expired) throw timeoutError(timeoutMs, call.place);
      throw failure;
    } finally {
      deadline.end();
    }
  }

  /**
   * Makes a call whose reply has no foreseeable end, over a socket of its own. No time limit but the call's signal.
   * @throws EwsError when the call is refused as a whole; the signal's reason when aborted.
   */
  async open(call: SoapCall & { readonly signal: AbortSignal }): Promise<LongReply> {
    const { reply, place } = await this.#send(call, call.signal, true);
    if (reply.status < 300) return { body: reply.body, place };
    throw readFault(await readEnvelope(reply, place, call.reading), place) ?? statusError(reply, place);
  }

  async close(): Promise<void> {
    await this.#options.transport.close();
  }

  /**
   * Repeats a call that a fault ended together with its connection, on the next one: there are servers that take one
   * request per connection and do not say so. All calls are reads, or may be made twice.
   */
  async #persist(exchange: () => Promise<SoapReply>): Promise<SoapReply> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await exchange();
      } catch (failure) {
        if (!(failure instanceof FaultAndCloseError)) throw failure;
        if (attempt === attemptsPerCall) throw failure.fault;
      }
    }
  }

  async #exchange(call: SoapCall, signal: AbortSignal): Promise<SoapReply> {
    const { reply, place } = await this.#send(call, signal, false);
    const envelope = await readEnvelope(reply, place, call.reading);
    if (reply.status >= 200 && reply.status < 300) return { envelope, place };
    const fault = readFault(envelope, place);
    if (fault === null) throw statusError(reply, place);
    throw endsConnection(reply) && fault.errorClass === 'transient' ? new FaultAndCloseError(fault) : fault;
  }

  /** Sends a request and looks at the head of its reply. @throws EwsError when that says that no SOAP reply follows */
  async #send(call: SoapCall, signal: AbortSignal, dedicated: boolean) {
    const headers = { ...commonHeaders(this.#options.userAgent, dedicated), ...call.headers };
    const reply = await this.#options.transport.post({
      body: call.body,
      headers,
      signal,
      place: call.place,
      dedicated,
    });
    const place: EwsCallPlace = { ...call.place, requestId: requestIdOf(reply) };
    call.onReply?.(reply);
    const statusProblem = httpStatusError(reply, place);
    if (statusProblem === null) return { reply, place };
    await discardBody(reply.body);
    throw statusProblem;
  }
}

/**
 * A request, as `write` makes it.
 * @throws EwsRequestError when it cannot be written or is longer than what Exchange takes.
 */
export function written(write: () => string, place: EwsCallPlace): string {
  let body: string;
  try {
    body = write();
  } catch (failure) {
    if (!(failure instanceof UnwritableValueError)) throw failure;
    const message = `the request cannot be written: ${failure.message}`;
    throw new EwsRequestError(message, place, { errorClass: 'config', scope: 'mailbox' });
  }
  const bytes = Buffer.byteLength(body);
  if (bytes <= maxRequestBytes) return body;
  const message = `the request has ${bytes} bytes, Exchange takes ${maxRequestBytes}: ask for less at once`;
  throw new EwsRequestError(message, place, { errorClass: 'size', scope: 'mailbox' });
}

/** A fault that came with the end of its connection. Never leaves this file. */
class FaultAndCloseError extends Error {
  readonly code = 'ews-fault-and-close';
  readonly fault: EwsResponseError;

  constructor(fault: EwsResponseError) {
    super(fault.message);
    this.name = new.target.name;
    this.fault = fault;
  }
}

function endsConnection({ headers }: TransportReply): boolean {
  return String(headers.connection ?? '').toLowerCase() === 'close';
}

function commonHeaders(userAgent: string, isLong: boolean): Record<string, string> {
  return {
    'content-type': 'text/xml; charset=utf-8',
    accept: 'text/xml',
    // A packed stream may keep back what it holds until there is more of it.
    'accept-encoding': isLong ? 'identity' : 'gzip',
    'user-agent': userAgent,
    'client-request-id': randomUUID(),
    'return-client-request-id': 'true',
  };
}

function requestIdOf(reply: TransportReply): string | undefined {
  const id = reply.headers['request-id'];
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}

function timeoutError(timeoutMs: number, place: EwsCallPlace): EwsTimeoutError {
  const message = `no complete answer within ${timeoutMs} ms: the server may be slowing this account down`;
  return new EwsTimeoutError(message, place, { errorClass: 'transient', scope: 'mailbox' });
}
