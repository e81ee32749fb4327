import type { MailboxLease } from 'calendar-db/sync';
import type { ConnectorConfig } from 'connector-config';
import { mailboxPhase } from './mailbox-phase.ts';

/** How much longer or shorter than configured one pause between two polls may be, as a share of it. */
const MOST_SHIFT = 0.1;

/** Seconds between two polls of a mailbox. @param isWatched whether a stream tells of its changes */
export function pollSeconds({ sync }: ConnectorConfig, isWatched: boolean): number {
  return isWatched ? Math.max(sync.pollSeconds, sync.streamedPollSeconds) : sync.pollSeconds;
}

/** Seconds for which a mailbox may rest at the longest by this config. */
export function longestPollSeconds(config: ConnectorConfig): number {
  const isWatched = config.calendarProviders.some(({ streaming }) => streaming.enabled);
  return longestPause(pollSeconds(config, isWatched));
}

/**
 * Seconds until the next poll of a mailbox that is being synchronized. Each mailbox has a moment of its own in the interval
 * and moves towards it by a tenth of the interval at most, so that mailboxes which were read together, at a start or after an
 * outage, are spread over the whole interval five polls later. Once there, the interval is exactly the configured one.
 *
 * @param interval seconds, as configured
 * @returns from 0.9 to 1.1 times the interval
 */
export function secondsToNextPoll({ address, now }: Pick<MailboxLease, 'address' | 'now'>, interval: number): number {
  if (interval <= 0) return 0;
  const place = now.getTime() / 1000 / interval - mailboxPhase(address, 'poll');
  const missing = Math.round(place) - place;
  return interval * (1 + Math.max(-MOST_SHIFT, Math.min(MOST_SHIFT, missing)));
}

/** Seconds that `secondsToNextPoll` comes to at most. @param interval seconds, as configured */
export function longestPause(interval: number): number {
  return interval * (1 + MOST_SHIFT);
}
