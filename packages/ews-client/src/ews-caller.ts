import { randomUUID } from 'node:crypto';
import { backEndCookieName } from './back-end-cookie.ts';
import { Deadline } from './deadline.ts';
import { discardBody } from './discard-body.ts';
import { type EwsCallPlace, EwsError, EwsRequestError, type EwsResponseError } from './ews-error.ts';
import { httpStatusError, statusError } from './http-status-error.ts';
import { readEnvelope, timeoutError } from './read-envelope.ts';
import type { PartTaker } from './reply-reader.ts';
import { type EwsOperation, RequestContract, type SchemaVersion } from './request-contract.ts';
import { type ResponseMessage, readFault, readResponseMessages } from './response-messages.ts';
import { SchemaVersions } from './schema-versions.ts';
import { type RequestBody, UnwritableValueError } from './soap-writer.ts';
import type { EwsTransport, TransportReply } from './transport.ts';
import type { XmlElement } from './xml-element.ts';

/** Which of the server's machines is to answer: what a subscription and its stream must agree on (ews.md §6). */
export interface Affinity {
  /** The mailbox whose machine it is. */
  readonly anchor: string;
  /** `X-BackEndOverrideCookie` of the answer to the anchor's Subscribe; null before that, or when there was none. */
  readonly cookie: string | null;
}

/** The reply to a call that goes on for long. */
export interface LongReply {
  readonly body: AsyncIterable<Uint8Array>;
  /** For errors that are found in it. */
  readonly place: EwsCallPlace;
}

export interface EwsCall {
  readonly operation: EwsOperation;
  readonly mailbox: string;
  /** Given the version where it depends on that. */
  readonly body: RequestBody | ((version: SchemaVersion) => RequestBody);
  /** How many things the request asks for; the reply must hold as many answers. Default 1. */
  readonly expected?: number;
  /** Takes the long list of the reply, element by element as they close. A call that fails may have brought some. */
  readonly parts?: PartTaker;
  readonly signal?: AbortSignal | undefined;
  readonly affinity?: Affinity | undefined;
  /** Told the reply's headers when an answer comes. */
  readonly onHeaders?: (headers: TransportReply['headers']) => void;
  /** Told the server's clock (its `Date` header, whole seconds) when an answer comes; null when it sends none. */
  readonly onServerTime?: (time: Date | null) => void;
}

export interface EwsCallerOptions {
  readonly transport: EwsTransport;
  readonly host: string;
  readonly timeoutMs: number;
  readonly userAgent: string;
}

/** How often a call is made that ends with a fault and the end of its connection. */
const attemptsPerCall = 3;
/** Exchange refuses longer requests (ErrorRequestStreamTooBig, ews.md §4). */
const maxRequestBytes = 400_000;

/** Makes one EWS call: writes the request, sends it, reads and checks the reply. Knows no operation's content. */
export class EwsCaller {
  readonly #options: EwsCallerOptions;
  readonly #versions = new SchemaVersions();
  #contract: Promise<RequestContract> | undefined;

  constructor(options: EwsCallerOptions) {
    this.#options = options;
  }

  /**
   * The answers to a call, one for each thing asked for, in order. A server or a mailbox that refuses the version of the
   * request is asked once more, and from then on, with the older one.
   * @throws EwsError when the call as a whole fails; the signal's reason when aborted.
   */
  async call(call: EwsCall): Promise<ResponseMessage[]> {
    const version = this.#versions.of(call.mailbox);
    try {
      const answers = await this.#callWith(version, call);
      const refused = answers.find(
        (answer) => !answer.ok && this.#versions.stepDown(call.mailbox, version, answer.error),
      );
      if (refused === undefined) return answers;
    } catch (failure) {
      if (!(failure instanceof EwsError) || !this.#versions.stepDown(call.mailbox, version, failure)) throw failure;
    }
    return this.#callWith(this.#versions.of(call.mailbox), call);
  }

  async #callWith(version: SchemaVersion, call: EwsCall): Promise<ResponseMessage[]> {
    const { body, place } = await this.#prepare(call, version);
    const deadline = new Deadline(this.#options.timeoutMs, call.signal);
    try {
      return await this.#persist(() => this.#exchange(body, call, place, deadline.signal));
    } catch (failure) {
      if (deadline.expired) throw timeoutError(this.#options.timeoutMs, place);
      throw failure;
    } finally {
      deadline.end();
    }
  }

  /** The answer to a call that asks for one thing. */
  async callForOne(call: EwsCall): Promise<XmlElement> {
    const [answer] = await this.call(call);
    if (answer === undefined) throw new Error('a checked reply holds one answer');
    if (!answer.ok) throw answer.error;
    return answer.element;
  }

  /**
   * Makes a call whose reply has no foreseeable end, over a socket of its own. No time limit but the call's signal.
   * @throws EwsError when the call is refused as a whole; the signal's reason when aborted.
   */
  async open(call: EwsCall & { readonly signal: AbortSignal }): Promise<LongReply> {
    const { body, place } = await this.#prepare(call, this.#versions.of(call.mailbox));
    const { reply, answered } = await this.#send(body, call, place, call.signal, true);
    if (reply.status < 300) return { body: reply.body, place: answered };
    throw readFault(await readEnvelope(reply, call, answered), answered) ?? statusError(reply, answered);
  }

  /** Names a call in errors. */
  place(mailbox: string, operation: EwsOperation): EwsCallPlace {
    return { host: this.#options.host, mailbox, operation };
  }

  async close(): Promise<void> {
    await this.#options.transport.close();
  }

  async #prepare(call: EwsCall, version: SchemaVersion): Promise<{ body: string; place: EwsCallPlace }> {
    call.signal?.throwIfAborted();
    const place = this.place(call.mailbox, call.operation);
    checkMailbox(place);
    this.#contract ??= RequestContract.load();
    return { body: writeRequest(await this.#contract, version, call, place), place };
  }

  /**
   * Repeats a call that a fault ended together with its connection, on the next one: there are servers that take one
   * request per connection and do not say so. All calls are reads, or may be made twice.
   */
  async #persist(exchange: () => Promise<ResponseMessage[]>): Promise<ResponseMessage[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await exchange();
      } catch (failure) {
        if (!(failure instanceof FaultAndCloseError)) throw failure;
        if (attempt === attemptsPerCall) throw failure.fault;
      }
    }
  }

  async #exchange(body: string, call: EwsCall, place: EwsCallPlace, signal: AbortSignal): Promise<ResponseMessage[]> {
    const { reply, answered } = await this.#send(body, call, place, signal, false);
    const envelope = await readEnvelope(reply, call, answered);
    if (reply.status >= 200 && reply.status < 300) return readResponseMessages(envelope, call.expected ?? 1, answered);
    const fault = readFault(envelope, answered);
    if (fault === null) throw statusError(reply, answered);
    throw endsConnection(reply) && fault.errorClass === 'transient' ? new FaultAndCloseError(fault) : fault;
  }

  /** Sends a request and looks at the head of its reply. @throws EwsError when that says that no EWS reply follows */
  async #send(body: string, call: EwsCall, place: EwsCallPlace, signal: AbortSignal, dedicated: boolean) {
    const headers = requestHeaders(call, this.#options.userAgent, dedicated);
    const reply = await this.#options.transport.post({ body, headers, signal, place, dedicated });
    const answered: EwsCallPlace = { ...place, requestId: requestIdOf(reply) };
    call.onServerTime?.(serverTimeOf(reply));
    call.onHeaders?.(reply.headers);
    const statusProblem = httpStatusError(reply, answered);
    if (statusProblem === null) return { reply, answered };
    await discardBody(reply.body);
    throw statusProblem;
  }
}

/** A fault that came with the end of its connection. Never leaves this file. */
class FaultAndCloseError extends Error {
  readonly fault: EwsResponseError;

  constructor(fault: EwsResponseError) {
    super(fault.message);
    this.fault = fault;
  }
}

function endsConnection({ headers }: TransportReply): boolean {
  return String(headers.connection ?? '').toLowerCase() === 'close';
}

function writeRequest(contract: RequestContract, version: SchemaVersion, call: EwsCall, place: EwsCallPlace): string {
  let body: string;
  try {
    body = contract.write(
      call.operation,
      typeof call.body === 'function' ? call.body(version) : call.body,
      call.mailbox,
      version,
    );
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

function checkMailbox(place: EwsCallPlace): void {
  if (/^[^\s@<>"\p{C}]{1,128}@[^\s@<>"\p{C}]{1,255}$/u.test(place.mailbox)) return;
  throw new EwsRequestError('this is no mailbox address: it must read name@domain', place, {
    errorClass: 'config',
    scope: 'mailbox',
  });
}

function requestHeaders({ mailbox, affinity }: EwsCall, userAgent: string, isLong: boolean): Record<string, string> {
  return {
    'content-type': 'text/xml; charset=utf-8',
    accept: 'text/xml',
    // A packed stream may keep back what it holds until there is more of it.
    'accept-encoding': isLong ? 'identity' : 'gzip',
    'user-agent': userAgent,
    // Header values are bytes: a name outside ASCII travels as UTF-8.
    'x-anchormailbox': Buffer.from(affinity?.anchor ?? mailbox, 'utf8').toString('latin1'),
    ...(affinity === undefined ? {} : { 'x-preferserveraffinity': 'true' }),
    ...(affinity?.cookie ? { cookie: `${backEndCookieName}=${affinity.cookie}` } : {}),
    'client-request-id': randomUUID(),
    'return-client-request-id': 'true',
  };
}

function serverTimeOf(reply: TransportReply): Date | null {
  const time = Date.parse(String(reply.headers.date));
  return Number.isNaN(time) ? null : new Date(time);
}

function requestIdOf(reply: TransportReply): string | undefined {
  const id = reply.headers['request-id'];
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}
