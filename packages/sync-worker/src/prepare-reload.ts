import type { ListedMailbox } from 'calendar-db/sync';
import type { ConnectorConfig } from 'connector-config';
import type { SyncRunner } from './engine/sync-runner.ts';
import type { ProviderDirectory } from './exchange/provider-directory.ts';
import type { ProvidersInUse } from './exchange/providers-in-use.ts';
import type { MailboxRegistrar } from './ownership/mailbox-registrar.ts';
import type { WatchService } from './streams/watch-service.ts';
import type { Upkeep } from './upkeep.ts';

export interface ReloadParts {
  readonly providers: ProvidersInUse;
  readonly registrar: MailboxRegistrar;
  readonly runner: SyncRunner;
  readonly watches: WatchService;
  readonly upkeep: Upkeep;
}

/**
 * Prepares other providers, users, limits and accounts. What is not touched goes on; syncs of mailboxes that are no
 * longer listed, or whose server is reached in another way, end with the commit and begin again at once.
 *
 * @returns the commit
 * @throws FatalError when a provider of the config cannot be used
 * @throws the database's error
 */
export async function prepareReload(next: ConnectorConfig, parts: ReloadParts): Promise<() => void> {
  const { providers, registrar } = parts;
  const prepared = providers.prepare(next);
  try {
    // Changes of provider wait for the upkeep, when the other workers have read theirs too.
    await registrar.register(prepared.listed, { groupSize: next.sync.groupSize, agreed: false });
  } catch (error) {
    await providers.drop(prepared);
    throw error;
  }
  return () => useProviders(prepared, parts);
}

function useProviders(after: ProviderDirectory, { providers, runner, watches, upkeep }: ReloadParts): void {
  const before = providers.directory;
  const isReadOtherwise = (mailbox: ListedMailbox) =>
    before.seatOf(mailbox)?.provider !== after.seatOf(mailbox)?.provider;
  const staying = new Set<unknown>(after.seats.map(({ provider }) => provider));
  runner.abortWhere(isReadOtherwise);
  // Not unsubscribed: the account may have another password now, and nobody is to be locked out for tidiness' sake.
  watches.leaveWhere((provider) => !staying.has(provider));
  providers.use(after);
  upkeep.shareBudgets();
  upkeep.retry(after.listed.filter(isReadOtherwise));
  watches.wake();
}
