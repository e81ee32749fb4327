import { EwsError } from '../ews-error.ts';
import { t } from '../soap/xml-node.ts';
import type { EventStream, StreamKeeper } from './event-stream.ts';
import { matchesFilter, type SubscriptionFilter } from './subscription.ts';

/** The streams that are open now. */
export class OpenStreams implements StreamKeeper {
  readonly #streams = new Set<EventStream>();

  add(stream: EventStream): void {
    this.#streams.add(stream);
  }

  delete(stream: EventStream): void {
    this.#streams.delete(stream);
  }

  /** Streams that serve a matching subscription. */
  select(filter: SubscriptionFilter = {}): EventStream[] {
    return [...this.#streams].filter(({ served }) =>
      [...served].some((subscription) => matchesFilter(subscription, filter)),
    );
  }

  /** @throws EwsError fault `ErrorExceededConnectionCount` when this budget has `limit` open streams. */
  checkLimit(budget: string, limit: number): void {
    const open = [...this.#streams].filter(({ options }) => options.budget === budget).length;
    if (open < limit) return;
    throw new EwsError(
      'ErrorExceededConnectionCount',
      'You have exceeded the available concurrent connections for your account. Try again once your other requests have completed.',
      {
        fault: true,
        details: [
          t('Value', 'HangingConnectionLimit', { Name: 'Policy' }),
          t('Value', String(limit), { Name: 'MaxConcurrencyLimit' }),
        ],
      },
    );
  }
}
