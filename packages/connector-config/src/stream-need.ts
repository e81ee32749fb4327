import type { ConnectorConfig, ProviderConfig } from './config-schema.ts';

/** What the streams of one provider come to, by its config and its sync groups. */
export interface StreamNeed {
  /** Its name in the database. */
  readonly provider: string;
  /** Listed mailboxes, or those in its sync groups if they are more. */
  readonly mailboxes: number;
  /** Accounts that the config lists. */
  readonly accounts: number;
  /** Accounts whose streams would do for all sync groups; without streams, whose requests would do for all polls. */
  readonly accountsNeeded: number;
  /** Streams for all sync groups; 0 when streams are switched off. */
  readonly streamsNeeded: number;
  /** Mailboxes that no stream is left for. They are polled. */
  readonly polledMailboxes: number;
  /** Seconds between two polls of such a mailbox: as configured, or as the requests per second of all accounts allow. */
  readonly pollSeconds: number;
  /** That the accounts are too few, what follows from it and what to do; null when they do. */
  readonly shortage: string | null;
}

/**
 * Works out how many accounts the mailboxes of each provider need. Entries of one address count together.
 *
 * @param groupsOf given a provider's name: mailboxes in each of its sync groups, in the order in which they get streams.
 * Mailboxes listed beyond their sum are taken to fill groups of `sync.groupSize`
 */
export function streamNeeds(
  { calendarProviders, sync }: Pick<ConnectorConfig, 'calendarProviders' | 'sync'>,
  groupsOf: (provider: string) => readonly number[],
): StreamNeed[] {
  return [...Map.groupBy(calendarProviders, providerKey)].map(([provider, entries]) =>
    streamNeed(provider, entries, sync, groupsOf(provider)),
  );
}

/** Names a provider in the database: its address, without what may change about how it is reached. Two servers may stand behind one name. */
export function providerKey({ host, port, path }: Pick<ProviderConfig, 'host' | 'port' | 'path'>): string {
  return `${host}${port === 443 ? '' : `:${port}`}${path}`.toLowerCase();
}

function streamNeed(
  provider: string,
  entries: readonly ProviderConfig[],
  { groupSize, pollSeconds }: ConnectorConfig['sync'],
  groups: readonly number[],
): StreamNeed {
  const listed = sum(entries.map(({ users }) => users.length));
  const accounts = sum(entries.map(({ auth, credentials }) => (auth === 'oauth' ? 1 : credentials.length)));
  // Of entries for one address the most careful counts.
  const streamsEach = Math.min(...entries.map(({ limits }) => limits.streams));
  const requestsEach = Math.min(...entries.map(({ limits }) => limits.requestsPerSecond));
  const isStreamed = entries.some(({ streaming }) => streaming.enabled);
  const grouped = sum(groups);
  const mailboxes = Math.max(listed, grouped);
  const sizes = [...groups, ...newGroups(mailboxes - grouped, groupSize)];
  const polledMailboxes = sum(sizes.slice(isStreamed ? accounts * streamsEach : 0));
  const need = isStreamed ? sizes.length / streamsEach : mailboxes / (requestsEach * pollSeconds);
  const facts = {
    ...{ provider, mailboxes, accounts, polledMailboxes },
    accountsNeeded: Math.max(1, Math.ceil(need)),
    streamsNeeded: isStreamed ? sizes.length : 0,
    pollSeconds: Math.max(pollSeconds, polledMailboxes / (accounts * requestsEach)),
  };
  return { ...facts, shortage: facts.accountsNeeded > accounts ? shortageOf(facts, streamsEach) : null };
}

function shortageOf(need: Omit<StreamNeed, 'shortage'>, streamsEach: number): string {
  const { mailboxes, accounts, accountsNeeded, streamsNeeded, polledMailboxes } = need;
  const seconds = Math.round(need.pollSeconds);
  const more = accountsNeeded - accounts;
  if (streamsNeeded === 0) {
    return (
      `${mailboxes} mailboxes are polled, each about every ${seconds} s, because that is all that the requests per second of ` +
      `${accounts} account(s) allow; list ${more} more account(s), switch streaming on, or raise limits.requestsPerSecond`
    );
  }
  return (
    `${mailboxes} mailboxes need ${streamsNeeded} streams, for which ${accountsNeeded} accounts with ${streamsEach} streams each ` +
    `are needed and ${accounts} listed: ${polledMailboxes} mailboxes are polled instead, each about every ${seconds} s; list ` +
    `${more} more account(s), or raise limits.streams as far as the throttling policy of Exchange allows`
  );
}

function newGroups(mailboxes: number, groupSize: number): number[] {
  const groups = Math.ceil(mailboxes / groupSize);
  return Array.from({ length: groups }, (_, group) => Math.min(groupSize, mailboxes - group * groupSize));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
