import { EwsError } from '../ews-error.ts';
import { checkSequence, integerText, requiredChild, requiredList } from '../soap/check-sequence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import type { XmlNode } from '../soap/xml-node.ts';
import { EventStream } from '../streaming/event-stream.ts';
import { refusalMessage, statusMessage } from '../streaming/stream-envelope.ts';
import type { Subscription } from '../streaming/subscription.ts';
import { backEndOfSubscriptionId } from '../streaming/subscription-id.ts';
import type { RequestContext } from './request-context.ts';

const MAX_SUBSCRIPTIONS = 200;

/**
 * GetStreamingEvents: the first envelope of the stream, or the refusal. The stream itself is left in `context.opening`
 * for whoever sends the answer.
 */
export function getStreamingEvents(request: XmlElement, context: RequestContext): XmlNode[] {
  const { settings, account, streams } = context;
  checkSequence(request, ['SubscriptionIds', 'ConnectionTimeout']);
  const elements = requiredList(request, 'SubscriptionIds');
  const timeout = requiredChild(request, 'ConnectionTimeout');
  const minutes = integerText(timeout, timeout.text, 1, 30);
  if (elements.length > MAX_SUBSCRIPTIONS) {
    throw new EwsError('ErrorInvalidRequest', `A request may name ${MAX_SUBSCRIPTIONS} subscriptions at most.`, {
      fault: true,
    });
  }
  const ids = elements.map((element) => element.text.trim());
  checkGroup(ids, context);
  const { found, bad, error } = lookUp(ids, context);
  if (error !== undefined) return [refusalMessage(bad, error)];
  streams.checkLimit(context.budget, settings.streaming.connectionsPerAccount);
  context.opening.stream = new EventStream({
    account: account.name,
    budget: context.budget,
    backEnd: context.route.backEnd.name,
    subscriptions: found,
    durationMs: minutes * settings.streaming.minuteMs,
    settings,
    streams,
    now: () => context.organization.now(),
  });
  return [statusMessage('OK', settings)];
}

interface LookUp {
  readonly found: readonly Subscription[];
  readonly bad: readonly string[];
  /** Of the first bad id. */
  readonly error: EwsError | undefined;
}

function lookUp(ids: readonly string[], { subscriptions, account, route }: RequestContext): LookUp {
  const found: Subscription[] = [];
  const bad: string[] = [];
  let first: EwsError | undefined;
  for (const id of ids) {
    try {
      found.push(subscriptions.require(id, account.name, route.backEnd.name));
    } catch (error) {
      if (!(error instanceof EwsError)) throw error;
      first ??= error;
      bad.push(id);
    }
  }
  return { found, bad, error: first };
}

/** Servers pass a request on within their group only. */
export function checkGroup(ids: readonly string[], { route, settings }: RequestContext): void {
  const servers = new Set(ids.map(backEndOfSubscriptionId));
  const foreign = settings.backEnds.some(({ name, group }) => servers.has(name) && group !== route.backEnd.group);
  if (!foreign) return;
  throw new EwsError(
    'ErrorProxyRequestNotAllowed',
    'Request failed because EWS could not contact the appropriate CAS server for this request.',
    { fault: true },
  );
}
