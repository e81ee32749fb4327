import { backEndCookieName } from './back-end-cookie.ts';
import { type EwsCallPlace, EwsError } from './ews-error.ts';
import type { PartTaker } from './reply-reader.ts';
import { checkMailbox } from './request-checks.ts';
import { type EwsOperation, RequestContract, type SchemaVersion } from './request-contract.ts';
import { type ResponseMessage, readResponseMessages } from './response-messages.ts';
import { SchemaVersions } from './schema-versions.ts';
import { type LongReply, type SoapCall, SoapCaller, type SoapCallerOptions, written } from './soap-caller.ts';
import type { RequestBody } from './soap-writer.ts';
import type { TransportReply } from './transport.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * Which of the server's machines is to answer: what a subscription and its stream must agree on
 * (docs/reference/exchange.md §6.8).
 */
export interface Affinity {
  /** The mailbox whose machine it is. */
  readonly anchor: string;
  /** `X-BackEndOverrideCookie` of the answer to the anchor's Subscribe; null before that, or when there was none. */
  readonly cookie: string | null;
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

export interface EwsCallerOptions extends SoapCallerOptions {
  readonly host: string;
}

/** Makes one EWS call: writes the request, sends it, reads and checks the reply. Knows no operation's content. */
export class EwsCaller {
  readonly #host: string;
  readonly #soap: SoapCaller;
  readonly #versions = new SchemaVersions();
  #contract: Promise<RequestContract> | undefined;

  constructor({ host, ...options }: EwsCallerOptions) {
    this.#host = host;
    this.#soap = new SoapCaller(options);
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
    const { envelope, place } = await this.#soap.call(await this.#prepare(call, version));
    return readResponseMessages(envelope, call.expected ?? 1, place);
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
    const { signal } = call;
    return this.#soap.open({ ...(await this.#prepare(call, this.#versions.of(call.mailbox))), signal });
  }

  /** Names a call in errors. */
  place(mailbox: string, operation: EwsOperation): EwsCallPlace {
    return { host: this.#host, mailbox, operation };
  }

  async close(): Promise<void> {
    await this.#soap.close();
  }

  async #prepare(call: EwsCall, version: SchemaVersion): Promise<SoapCall> {
    const { operation, mailbox, expected = 1, parts, signal } = call;
    signal?.throwIfAborted();
    const place = this.place(mailbox, operation);
    checkMailbox(mailbox, place);
    this.#contract ??= RequestContract.load();
    const contract = await this.#contract;
    const content = typeof call.body === 'function' ? call.body(version) : call.body;
    return {
      body: written(() => contract.write(operation, content, mailbox, version), place),
      place,
      headers: mailboxHeaders(call),
      signal,
      onReply: (reply) => {
        call.onServerTime?.(serverTimeOf(reply));
        call.onHeaders?.(reply.headers);
      },
      reading: { parts, items: operation === 'GetItem' ? expected : undefined },
    };
  }
}

function mailboxHeaders({ mailbox, affinity }: EwsCall): Record<string, string> {
  return {
    // Header values are bytes: a name outside ASCII travels as UTF-8.
    'x-anchormailbox': Buffer.from(affinity?.anchor ?? mailbox, 'utf8').toString('latin1'),
    ...(affinity === undefined ? {} : { 'x-preferserveraffinity': 'true' }),
    ...(affinity?.cookie ? { cookie: `${backEndCookieName}=${affinity.cookie}` } : {}),
  };
}

function serverTimeOf(reply: TransportReply): Date | null {
  const time = Date.parse(String(reply.headers.date));
  return Number.isNaN(time) ? null : new Date(time);
}
