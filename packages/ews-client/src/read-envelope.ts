import { type EwsCallPlace, EwsReplyError, EwsTimeoutError } from './ews-error.ts';
import { statusError } from './http-status-error.ts';
import { feedReply } from './reply-feed.ts';
import { MalformedXmlError, type PartTaker, ReplyLimitError, ReplyReader } from './reply-reader.ts';
import type { TransportReply } from './transport.ts';
import type { XmlElement } from './xml-element.ts';

/** What was asked for: tells what an unreadable reply leads to. */
export interface AskedFor {
  readonly operation: string;
  /** How many things; default 1. */
  readonly expected?: number;
  readonly parts?: PartTaker;
}

/**
 * The SOAP envelope of a reply.
 * @throws EwsReplyError for what is none, EwsHttpError when the status says more than the broken body; what reading throws
 */
export async function readEnvelope(reply: TransportReply, asked: AskedFor, place: EwsCallPlace): Promise<XmlElement> {
  const reader = new ReplyReader(undefined, asked.parts);
  try {
    await feedReply(reader, reply.body);
    if (!reader.empty) return reader.end();
  } catch (failure) {
    const ofXml = failure instanceof MalformedXmlError || failure instanceof ReplyLimitError;
    // A failing server's broken page says less than its status.
    throw ofXml && reply.status >= 400 ? statusError(reply, place) : replyProblem(failure, asked, place);
  }
  if (reply.status >= 400) throw statusError(reply, place);
  const message = 'the reply is empty: a proxy may have dropped it, try again later';
  throw new EwsReplyError(message, place, { errorClass: 'transient', scope: 'mailbox' });
}

function replyProblem(failure: unknown, { operation, expected = 1 }: AskedFor, place: EwsCallPlace): unknown {
  if (failure instanceof ReplyLimitError) {
    const message = `the reply is beyond limits (${failure.message}): ask for less at once`;
    return new EwsReplyError(message, place, { errorClass: 'size', scope: 'mailbox' });
  }
  if (!(failure instanceof MalformedXmlError)) return failure;
  const message = `the reply is no well-formed XML (${failure.message})`;
  // In a batch one unreadable item spoils the rest: halving finds it (ews.md §12, trap 1).
  const batch = operation === 'GetItem';
  if (batch && expected > 1) {
    return new EwsReplyError(`${message}: ask for fewer items`, place, { errorClass: 'size', scope: 'mailbox' });
  }
  if (batch) return new EwsReplyError(`${message}: skip this item`, place, { errorClass: 'item', scope: 'item' });
  return new EwsReplyError(`${message}: try again later`, place, { errorClass: 'transient', scope: 'mailbox' });
}

/** The error for a call whose time is over. */
export function timeoutError(timeoutMs: number, place: EwsCallPlace): EwsTimeoutError {
  const message = `no complete answer within ${timeoutMs} ms: the server may be slowing this account down`;
  return new EwsTimeoutError(message, place, { errorClass: 'transient', scope: 'mailbox' });
}
