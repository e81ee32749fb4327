import type { ConnectorConfig, ProviderConfig } from './config-schema.ts';

/** What the streams of one provider come to, by its config and its sync groups. */
export interface StreamNeed {
  /** Listed mailboxes, or those in its sync groups if they are more. */
  readonly mailboxes: number;
  /** Accounts that its config lists. */
  readonly accounts: number;
  /** Accounts whose streams would do for all sync groups; without streams, whose requests would do for all polls. */
  readonly accountsNeeded: number;
  /** Streams for all sync groups; 0 when streams are switched off. */
  readonly streamsNeeded: number;
  /** Mailboxes that no stream is left for. They are polled. */
  readonly polledMailboxes: number;
  /** Seconds between two polls of such a mailbox: as configured, or what `requestsPerSecond` of all accounts comes to. */
  readonly pollSeconds: number;
}

/**
 * Works out how many accounts the mailboxes of a provider need.
 *
 * @param groups mailboxes in each of its sync groups, in the order in which they get streams; those listed beyond their sum
 * are taken to fill groups of `sync.groupSize`
 */
export function streamNeed(
  provider: Pick<ProviderConfig, 'users' | 'auth' | 'credentials' | 'limits' | 'streaming'>,
  { groupSize, pollSeconds }: Pick<ConnectorConfig['sync'], 'groupSize' | 'pollSeconds'>,
  groups: readonly number[],
): StreamNeed {
  const { users, auth, credentials, limits, streaming } = provider;
  const accounts = auth === 'oauth' ? 1 : credentials.length;
  const grouped = sum(groups);
  const mailboxes = Math.max(users.length, grouped);
  const sizes = [...groups, ...newGroups(mailboxes - grouped, groupSize)];
  const streams = streaming.enabled ? accounts * limits.streams : 0;
  const polledMailboxes = sum(sizes.slice(streams));
  const perAccount = streaming.enabled
    ? sizes.length / limits.streams
    : mailboxes / (limits.requestsPerSecond * pollSeconds);
  return {
    ...{ mailboxes, accounts, polledMailboxes },
    accountsNeeded: Math.max(1, Math.ceil(perAccount)),
    streamsNeeded: streaming.enabled ? sizes.length : 0,
    pollSeconds: Math.max(pollSeconds, polledMailboxes / (accounts * limits.requestsPerSecond)),
  };
}

/**
 * Says that a provider lists too few accounts, what follows from that and what to do.
 * @returns a sentence without its provider's name; null when the accounts do
 */
export function accountShortage(
  { limits, streaming }: Pick<ProviderConfig, 'limits' | 'streaming'>,
  { mailboxes, accounts, accountsNeeded, streamsNeeded, polledMailboxes, pollSeconds }: StreamNeed,
): string | null {
  const more = accountsNeeded - accounts;
  if (more <= 0) return null;
  const seconds = Math.round(pollSeconds);
  if (!streaming.enabled) {
    return (
      `${mailboxes} mailboxes are polled with ${accounts} account(s), so each only about every ${seconds} s; ` +
      `list ${more} more, switch streaming on, or raise limits.requestsPerSecond`
    );
  }
  return (
    `${mailboxes} mailboxes need ${streamsNeeded} streams, which is ${accountsNeeded} accounts of ${limits.streams} streams, and ` +
    `${accounts} are listed: ${polledMailboxes} mailboxes are polled instead, each about every ${seconds} s; list ${more} more ` +
    'accounts, or raise limits.streams as far as the throttling policy of Exchange allows'
  );
}

/** Names a provider in the database: its address, without what may change about how it is reached. Two servers may stand behind one name. */
export function providerKey({ host, port, path }: Pick<ProviderConfig, 'host' | 'port' | 'path'>): string {
  return `${host}${port === 443 ? '' : `:${port}`}${path}`.toLowerCase();
}

function newGroups(mailboxes: number, groupSize: number): number[] {
  const groups = Math.ceil(mailboxes / groupSize);
  return Array.from({ length: groups }, (_, group) => Math.min(groupSize, mailboxes - group * groupSize));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
