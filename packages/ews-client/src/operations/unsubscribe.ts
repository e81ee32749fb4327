import type { Affinity, EwsCaller } from '../ews-caller.ts';

/**
 * Unsubscribe: ends one subscription, so that it no longer counts against its mailbox's limit
 * (docs/reference/exchange.md §6.7).
 */
export async function unsubscribe(
  caller: EwsCaller,
  mailbox: string,
  subscriptionId: string,
  affinity: Affinity,
  signal: AbortSignal | undefined,
): Promise<void> {
  await caller.callForOne({
    operation: 'Unsubscribe',
    mailbox,
    body: { SubscriptionId: subscriptionId },
    affinity,
    signal,
  });
}
