import { EwsError } from '../ews-error.ts';
import type { SimulatorSettings } from '../settings.ts';
import { t } from '../soap/xml-node.ts';
import type { Mailbox, MailboxChange } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import { eventsOf } from './notification-events.ts';
import { byStream, matchesFilter, type Subscription, type SubscriptionFilter } from './subscription.ts';
import { backEndOfSubscriptionId, newSubscriptionId } from './subscription-id.ts';

export type NewSubscription = Pick<Subscription, 'backEnd' | 'account' | 'mailbox' | 'folders' | 'eventTypes'>;

/** All streaming subscriptions of the server. What happens in a mailbox goes to those that a stream serves at that moment. */
export class Subscriptions {
  readonly #organization: Organization;
  readonly #settings: SimulatorSettings;
  readonly #byId = new Map<string, Subscription>();
  readonly #byMailbox = new Map<Mailbox, Set<Subscription>>();
  readonly #expired = new Set<string>();

  constructor(organization: Organization, settings: SimulatorSettings) {
    this.#organization = organization;
    this.#settings = settings;
    organization.onChange((change) => this.#onChange(change));
  }

  /** @throws EwsError `ErrorExceededSubscriptionCount` when the mailbox has as many as it may. */
  subscribe(wanted: NewSubscription): Subscription {
    const existing = this.#byMailbox.get(wanted.mailbox) ?? new Set();
    const limit = this.#settings.streaming.subscriptionsPerMailbox;
    if ([...existing].filter((subscription) => !this.#expire(subscription)).length >= limit) {
      throw new EwsError('ErrorExceededSubscriptionCount', 'You have exceeded the available subscriptions.', {
        details: [t('Value', 'EWSMaxSubscriptions', { Name: 'Policy' }), t('Value', String(limit), { Name: 'Limit' })],
      });
    }
    const subscription: Subscription = {
      ...wanted,
      id: newSubscriptionId(wanted.backEnd),
      stream: undefined,
      idleSince: this.#organization.now(),
      sent: 0,
    };
    this.#byId.set(subscription.id, subscription);
    this.#byMailbox.set(wanted.mailbox, existing.add(subscription));
    return subscription;
  }

  /**
   * The subscription with an id, for an account that reached the server `backEnd`.
   *
   * @throws EwsError `ErrorInvalidSubscription` (malformed), `ErrorExpiredSubscription`, `ErrorSubscriptionNotFound`
   * (unknown, or on another server), `ErrorSubscriptionAccessDenied` (of another account).
   */
  require(id: string, account: string, backEnd: string): Subscription {
    if (backEndOfSubscriptionId(id) === undefined) {
      throw new EwsError('ErrorInvalidSubscription', 'The specified subscription id is not valid.');
    }
    const subscription = this.#byId.get(id);
    if (subscription !== undefined) this.#expire(subscription);
    if (this.#expired.has(id)) throw new EwsError('ErrorExpiredSubscription', 'The subscription has expired.');
    if (subscription === undefined || subscription.backEnd !== backEnd || !this.#exists(subscription.mailbox)) {
      throw new EwsError('ErrorSubscriptionNotFound', 'The specified subscription was not found.');
    }
    if (subscription.account !== account) {
      throw new EwsError(
        'ErrorSubscriptionAccessDenied',
        'Access is denied. Only the subscription owner may access the subscription.',
      );
    }
    return subscription;
  }

  /** All that have not expired. */
  select(filter: SubscriptionFilter = {}): Subscription[] {
    const living = [...this.#byId.values()].filter((subscription) => !this.#expire(subscription));
    return living.filter((subscription) => matchesFilter(subscription, filter));
  }

  remove(subscription: Subscription): void {
    this.#byId.delete(subscription.id);
    const siblings = this.#byMailbox.get(subscription.mailbox);
    siblings?.delete(subscription);
    if (siblings?.size === 0) this.#byMailbox.delete(subscription.mailbox);
  }

  /**
   * Loses subscriptions as a server does that fails. Streams that serve them tell their clients `code`, or are cut when
   * there is none.
   *
   * @returns how many were lost
   */
  lose(filter: SubscriptionFilter, code?: string): number {
    const lost = this.select(filter);
    const streams = byStream(lost);
    for (const subscription of lost) this.remove(subscription);
    for (const [stream, served] of streams) {
      if (code === undefined) stream?.cut();
      else stream?.giveUp(served, code);
    }
    return lost.length;
  }

  /** Forgets everything. */
  clear(): void {
    this.lose({});
    this.#expired.clear();
  }

  #exists(mailbox: Mailbox): boolean {
    return this.#organization.mailboxByPrimaryAddress(mailbox.identity.address) === mailbox;
  }

  #expire(subscription: Subscription): boolean {
    const idle = this.#organization.now() - subscription.idleSince;
    if (subscription.stream !== undefined || idle < this.#settings.streaming.subscriptionIdleMs) return false;
    this.remove(subscription);
    this.#expired.add(subscription.id);
    return true;
  }

  #onChange(change: MailboxChange): void {
    for (const subscription of this.#byMailbox.get(change.mailbox) ?? []) {
      if (subscription.stream === undefined) continue;
      const events = eventsOf(subscription, change, this.#settings.streaming.folderEvents);
      if (events.length > 0) subscription.stream.notify(subscription, events);
    }
  }
}
