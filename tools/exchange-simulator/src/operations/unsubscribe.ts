import { checkSequence, requiredChild } from '../soap/check-sequence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import type { XmlNode } from '../soap/xml-node.ts';
import { checkGroup } from './get-streaming-events.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';

/** Unsubscribe: one subscription. A stream that serves it is told. */
export function unsubscribe(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['SubscriptionId']);
  const id = requiredChild(request, 'SubscriptionId').text.trim();
  checkGroup([id], context);
  return answerEach('Unsubscribe', [id], () => {
    const subscription = context.subscriptions.require(id, context.account.name, context.route.backEnd.name);
    context.subscriptions.remove(subscription);
    subscription.stream?.giveUp([subscription], 'ErrorSubscriptionUnsubscribed');
    return [];
  });
}
