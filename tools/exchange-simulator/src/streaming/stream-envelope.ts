import { EwsError } from '../ews-error.ts';
import type { SimulatorSettings } from '../settings.ts';
import { errorMessage, successMessage, writeResponse } from '../soap/write-envelope.ts';
import { m, t, type XmlContent, type XmlNode } from '../soap/xml-node.ts';
import type { Subscription } from './subscription.ts';

const OPERATION = 'GetStreamingEvents';

/** A response message of a stream that is in order. */
function streamMessage(content: readonly XmlContent[], { streaming }: SimulatorSettings): XmlNode {
  const message = successMessage(OPERATION, content);
  if (streaming.messageText === null) return message;
  return { ...message, children: [m('MessageText', streaming.messageText), ...message.children] };
}

export function statusMessage(status: 'OK' | 'Closed', settings: SimulatorSettings): XmlNode {
  return streamMessage([m('ConnectionStatus', status)], settings);
}

/** One `Notification` per subscription. */
export function notificationMessage(
  events: ReadonlyMap<Subscription, readonly XmlNode[]>,
  settings: SimulatorSettings,
): XmlNode {
  // The schema has Notification in the types namespace; real servers, and so all clients, have it in messages.
  const notifications = [...events].map(([{ id }, nodes]) => m('Notification', [t('SubscriptionId', id), ...nodes]));
  return streamMessage([m('Notifications', notifications)], settings);
}

/**
 * Refuses a call and names the subscriptions that are to blame. The others get nothing (docs/reference/exchange.md
 * §6.6).
 */
export function refusalMessage(ids: readonly string[], error: Pick<EwsError, 'code' | 'message' | 'details'>): XmlNode {
  return errorMessage(OPERATION, error, [blame(ids), m('ConnectionStatus', 'Closed')]);
}

/** Here too all clients look for SubscriptionId in the messages namespace, and the schema has it in types. */
function blame(ids: readonly string[]): XmlNode {
  const list = ids.map((id) => m('SubscriptionId', id));
  return m('ErrorSubscriptionIds', list);
}

export function giveUpMessage(subscriptions: readonly Subscription[], code: string): XmlNode {
  const error = new EwsError(code, `The subscription is served no longer (${code}).`);
  return errorMessage(OPERATION, error, [blame(subscriptions.map(({ id }) => id))]);
}

/** The envelope around one message, in the prefixes of streams. */
export function streamEnvelope(message: XmlNode, { serverVersion, streaming }: SimulatorSettings): string {
  return writeResponse(OPERATION, [message], serverVersion, streaming.prefixes);
}
