import type { ConnectorConfig } from 'connector-config';

/** Seconds between two polls of a mailbox. @param isWatched whether a stream tells of its changes */
export function pollSeconds({ sync }: ConnectorConfig, isWatched: boolean): number {
  return isWatched ? Math.max(sync.pollSeconds, sync.streamedPollSeconds) : sync.pollSeconds;
}

/** Seconds for which a mailbox may rest at the longest by this config. */
export function longestPollSeconds(config: ConnectorConfig): number {
  return pollSeconds(
    config,
    config.calendarProviders.some(({ streaming }) => streaming.enabled),
  );
}
