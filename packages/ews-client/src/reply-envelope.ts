import { type EwsCallPlace, EwsReplyError } from './ews-error.ts';
import { statusError } from './http-status-error.ts';
import { feedReply } from './reply-feed.ts';
import { MalformedXmlError, type PartTaker, ReplyLimitError, type ReplyLimits, ReplyReader } from './reply-reader.ts';
import type { TransportReply } from './transport.ts';
import type { XmlElement } from './xml-element.ts';

export interface EnvelopeOptions {
  readonly limits?: ReplyLimits;
  readonly parts?: PartTaker | undefined;
  /** How many items were asked for, where one that cannot be read spoils the whole reply. */
  readonly items?: number | undefined;
}

/**
 * Reads a whole reply into its root element.
 * @throws EwsReplyError when it is empty, no XML or beyond limits; EwsHttpError when its status says more than that.
 */
export async function readEnvelope(
  reply: TransportReply,
  place: EwsCallPlace,
  { limits, parts, items }: EnvelopeOptions = {},
): Promise<XmlElement> {
  const reader = new ReplyReader(limits, parts);
  try {
    await feedReply(reader, reply.body);
    if (!reader.empty) return reader.end();
  } catch (failure) {
    const ofXml = failure instanceof MalformedXmlError || failure instanceof ReplyLimitError;
    // A failing server's broken page says less than its status.
    throw ofXml && reply.status >= 400 ? statusError(reply, place) : replyProblem(failure, items, place);
  }
  if (reply.status >= 400) throw statusError(reply, place);
  const message = 'the reply is empty: a proxy may have dropped it, try again later';
  throw new EwsReplyError(message, place, { errorClass: 'transient', scope: 'mailbox' });
}

function replyProblem(failure: unknown, items: number | undefined, place: EwsCallPlace): unknown {
  if (failure instanceof ReplyLimitError) {
    const message = `the reply is beyond limits (${failure.message}): ask for less at once`;
    return new EwsReplyError(message, place, { errorClass: 'size', scope: 'mailbox' });
  }
  if (!(failure instanceof MalformedXmlError)) return failure;
  const message = `the reply is no well-formed XML (${failure.message})`;
  if (items === undefined) {
    return new EwsReplyError(`${message}: try again later`, place, { errorClass: 'transient', scope: 'mailbox' });
  }
  // In a batch one unreadable item spoils the rest: halving finds it (docs/reference/exchange.md §12.1).
  if (items > 1) {
    return new EwsReplyError(`${message}: ask for fewer items`, place, { errorClass: 'size', scope: 'mailbox' });
  }
  return new EwsReplyError(`${message}: skip this item`, place, { errorClass: 'item', scope: 'item' });
}
