import { EnvelopeReader } from '../envelope-reader.ts';
import type { Affinity, EwsCaller } from '../ews-caller.ts';
import { type EwsCallPlace, type EwsError, EwsNetworkError, EwsReplyError, EwsTimeoutError } from '../ews-error.ts';
import { MalformedXmlError, ReplyLimitError } from '../reply-reader.ts';
import { checkCount } from '../request-checks.ts';
import { readResponseMessages } from '../response-messages.ts';
import { StreamWatchdog } from '../stream-watchdog.ts';
import type { XmlElement } from '../xml-element.ts';
import { parseDateTime, UnreadableFieldError } from '../xsd-values.ts';

type StreamChangeKind = 'created' | 'deleted' | 'modified' | 'moved' | 'copied';

/** What comes out of a stream. */
export type StreamEvent =
  /** The server has taken the stream: from now on changes are told. What happened before is not. */
  | { readonly kind: 'opened' }
  | {
      readonly kind: StreamChangeKind;
      readonly subscriptionId: string;
      /** The server's clock; null when it did not tell. */
      readonly at: Date | null;
      /** The item that changed; null when it was the folder itself. */
      readonly itemId: string | null;
    }
  /** A heartbeat. */
  | { readonly kind: 'alive' }
  /** The server ends the stream; the subscriptions live on, so that another one can be opened with them. */
  | { readonly kind: 'closed' }
  /** These subscriptions are none (any more), and for their sake the others are told nothing either. */
  | { readonly kind: 'refused'; readonly subscriptionIds: readonly string[]; readonly error: EwsError };

export interface StreamRequest {
  /** 1–200, all of the account that asks. */
  readonly subscriptionIds: readonly string[];
  /** How long the server keeps the stream open, 1–30. */
  readonly connectionMinutes: number;
  /** Without a byte for so many milliseconds the stream counts as broken; Exchange sends heartbeats every 45 s or less. */
  readonly silenceMs: number;
}

/** Beyond the time that was asked for no stream is kept. */
const GRACE_MS = 60_000;

/** GetStreamingEvents: one reply without an end, of many envelopes (docs/reference/exchange.md §6.2). */
export async function* streamEvents(
  caller: EwsCaller,
  affinity: Affinity,
  { subscriptionIds, connectionMinutes, silenceMs }: StreamRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void, undefined> {
  const place = caller.place(affinity.anchor, 'GetStreamingEvents');
  checkCount('the number of subscriptions', subscriptionIds.length, 200, place);
  const minutes = checkCount('connectionMinutes', connectionMinutes, 30, place);
  const watchdog = new StreamWatchdog({ silenceMs, limitMs: minutes * 60_000 + GRACE_MS }, signal);
  try {
    const reply = await caller.open({
      operation: 'GetStreamingEvents',
      mailbox: affinity.anchor,
      body: { SubscriptionIds: { SubscriptionId: subscriptionIds }, ConnectionTimeout: minutes },
      affinity,
      signal: watchdog.signal,
    });
    yield { kind: 'opened' };
    for await (const envelope of envelopesOf(reply.body, watchdog)) {
      for (const event of readEnvelope(envelope, reply.place)) {
        yield event;
        if (event.kind === 'closed' || event.kind === 'refused') return;
      }
    }
    throw new EwsNetworkError('the server ended the stream without a word', place, hostTransient);
  } catch (failure) {
    throw streamProblem(failure, watchdog, place);
  } finally {
    watchdog.end();
  }
}

const hostTransient = { errorClass: 'transient', scope: 'host' } as const;
const mailboxTransient = { errorClass: 'transient', scope: 'mailbox' } as const;

async function* envelopesOf(body: AsyncIterable<Uint8Array>, watchdog: StreamWatchdog): AsyncGenerator<XmlElement> {
  const reader = new EnvelopeReader();
  for await (const chunk of body) {
    watchdog.heard();
    yield* reader.write(chunk);
  }
  reader.end();
}

function streamProblem(failure: unknown, { expired }: StreamWatchdog, place: EwsCallPlace): unknown {
  if (expired !== null) return new EwsTimeoutError(`${expired}: it is opened again`, place, mailboxTransient);
  if (!(failure instanceof MalformedXmlError || failure instanceof ReplyLimitError)) return failure;
  const message = `the stream cannot be read (${failure.message}): it is opened again`;
  return new EwsReplyError(message, place, mailboxTransient);
}

const changeKinds: ReadonlyMap<string, StreamChangeKind> = new Map([
  ['t:CreatedEvent', 'created'],
  ['t:DeletedEvent', 'deleted'],
  ['t:ModifiedEvent', 'modified'],
  ['t:MovedEvent', 'moved'],
  ['t:CopiedEvent', 'copied'],
]);

/** @throws EwsError for a fault, and for an error that names no subscriptions */
function* readEnvelope(envelope: XmlElement, place: EwsCallPlace): Generator<StreamEvent> {
  for (const message of readResponseMessages(envelope, undefined, place)) {
    if (!message.ok) {
      const refused = subscriptionIdsIn(message.element.child('m:ErrorSubscriptionIds'));
      if (refused.length === 0) throw message.error;
      yield { kind: 'refused', subscriptionIds: refused, error: message.error };
      return;
    }
    const notifications = message.element.child('m:Notifications')?.children ?? [];
    for (const notification of notifications) yield* readNotification(notification);
    const status = message.element.childText('m:ConnectionStatus');
    if (status === 'Closed') yield { kind: 'closed' };
    else if (notifications.length === 0) yield { kind: 'alive' };
  }
}

function* readNotification(notification: XmlElement): Generator<StreamEvent> {
  const subscriptionId = notification.childText('t:SubscriptionId');
  if (!subscriptionId) return;
  for (const event of notification.children) {
    const kind = changeKinds.get(event.name);
    if (kind === undefined) continue;
    const itemId = event.child('t:ItemId')?.attribute('Id') || null;
    yield { kind, subscriptionId, at: timeOf(event), itemId };
  }
}

/** When it happened is good to know; that it happened counts. */
function timeOf(event: XmlElement): Date | null {
  try {
    return parseDateTime(event.childText('t:TimeStamp') ?? '', 't:TimeStamp');
  } catch (failure) {
    if (failure instanceof UnreadableFieldError) return null;
    throw failure;
  }
}

function subscriptionIdsIn(list: XmlElement | undefined): string[] {
  const ids = list?.children.filter(({ name }) => name.endsWith(':SubscriptionId')) ?? [];
  return ids.map(({ text }) => text.trim()).filter((id) => id !== '');
}
