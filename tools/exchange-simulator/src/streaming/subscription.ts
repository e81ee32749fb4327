import type { XmlNode } from '../soap/xml-node.ts';
import type { Mailbox } from '../store/mailbox.ts';

export const EVENT_TYPES = [
  'CopiedEvent',
  'CreatedEvent',
  'DeletedEvent',
  'ModifiedEvent',
  'MovedEvent',
  'NewMailEvent',
  'FreeBusyChangedEvent',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** An open stream, as its subscriptions know it. */
export interface SubscriptionStream {
  /** Sends events of one subscription. */
  notify(subscription: Subscription, events: readonly XmlNode[]): void;
  /** Says that these subscriptions are served no longer, and why. */
  giveUp(subscriptions: readonly Subscription[], code: string): void;
  /** Cuts the connection. */
  cut(): void;
}

/** A streaming subscription to one mailbox. */
export interface Subscription {
  readonly id: string;
  /** Name of the server that it lives on, which need not be the mailbox's. */
  readonly backEnd: string;
  /** Name of the account that subscribed; nobody else may use it. */
  readonly account: string;
  readonly mailbox: Mailbox;
  /** Names of the watched folders; all when undefined. */
  readonly folders: ReadonlySet<string> | undefined;
  readonly eventTypes: ReadonlySet<EventType>;
  /** The stream that serves it now. Without one, events are lost. */
  stream: SubscriptionStream | undefined;
  /** Unix ms, by the server's clock, since when no stream serves it. */
  idleSince: number;
  /** Events sent so far. */
  sent: number;
}

/** Which subscriptions, or the streams that serve any of them, are meant; all when nothing is stated. */
export interface SubscriptionFilter {
  /** Address of the subscribed mailbox. */
  readonly mailbox?: string | undefined;
  /** Name of the account that subscribed. */
  readonly account?: string | undefined;
  readonly backEnd?: string | undefined;
}

export function matchesFilter(subscription: Subscription, { mailbox, account, backEnd }: SubscriptionFilter): boolean {
  const same = (wanted: string | undefined, value: string) =>
    wanted === undefined || wanted.toLowerCase() === value.toLowerCase();
  return (
    same(mailbox, subscription.mailbox.identity.address) &&
    same(account, subscription.account) &&
    same(backEnd, subscription.backEnd)
  );
}

/** Subscriptions by the stream that serves them. */
export function byStream(subscriptions: Iterable<Subscription>): Map<SubscriptionStream | undefined, Subscription[]> {
  const groups = new Map<SubscriptionStream | undefined, Subscription[]>();
  for (const subscription of subscriptions) {
    groups.set(subscription.stream, [...(groups.get(subscription.stream) ?? []), subscription]);
  }
  return groups;
}
