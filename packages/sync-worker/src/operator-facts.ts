import { type ConnectorConfig, type StreamNeed, streamNeeds } from 'connector-config';
import type { DirectoryService } from './directory/directory-service.ts';
import { syncFreshness } from './engine/freshness.ts';
import { longestPollSeconds } from './engine/poll-seconds.ts';
import type { SyncRunner } from './engine/sync-runner.ts';
import type { ProvidersInUse } from './exchange/providers-in-use.ts';
import type { GroupOwnership } from './ownership/group-ownership.ts';
import type { WatchService } from './streams/watch-service.ts';

export interface OperatorFactsParts {
  readonly config: () => ConnectorConfig;
  readonly providers: ProvidersInUse;
  readonly ownership: GroupOwnership;
  readonly runner: SyncRunner;
  readonly watches: WatchService;
  readonly people: DirectoryService;
}

/** What an operator sees of a sync-worker beside its metrics and its log. */
export class OperatorFacts {
  readonly #parts: OperatorFactsParts;

  constructor(parts: OperatorFactsParts) {
    this.#parts = parts;
  }

  /** What the ops page shows. */
  page(): object {
    const { ownership, runner, watches, people, providers } = this.#parts;
    return {
      groups: ownership.figures(),
      syncing: runner.active,
      watches: watches.facts(),
      directory: people.facts(),
      streams: this.#needs(),
      providers: providers.seats.map(({ provider, accounts, host, users }) => ({
        provider: provider.key,
        mailboxes: users.size,
        trouble: accounts.trouble,
        accounts: accounts.facts(),
        waitingForHost: host.waiting,
      })),
    };
  }

  /** Whether the mailboxes that this worker owns are kept fresh. */
  freshness(): ReturnType<typeof syncFreshness> {
    const { config, ownership, runner, providers } = this.#parts;
    return syncFreshness({
      groups: ownership.figures(),
      readSecondsAgo: ownership.readSecondsAgo,
      pollSeconds: longestPollSeconds(config()),
      idleSeconds: runner.idleMs / 1000,
      troubles: providers.seats.flatMap(({ accounts }) => accounts.trouble ?? []),
    });
  }

  /** Whether streams tell of changes where they should, and the accounts do for the listed mailboxes. */
  streaming(): { state: 'ok' | 'degraded'; detail: string } {
    const { watches } = this.#parts;
    const shortages = this.#needs().flatMap(({ provider, shortage }) =>
      shortage === null ? [] : [`${provider}: ${shortage}`],
    );
    const trouble = watches.trouble({ lacking: shortages.length === 0 });
    const problems = [...shortages, ...(trouble === null ? [] : [trouble])];
    if (problems.length > 0) return { state: 'degraded', detail: problems.join('; ') };
    const facts = watches.facts();
    const sum = (count: (fact: (typeof facts)[number]) => number) =>
      facts.reduce((total, fact) => total + count(fact), 0);
    return {
      state: 'ok',
      detail: `${sum(({ streams }) => streams)} streams tell of ${sum(({ watched }) => watched)} mailboxes`,
    };
  }

  #needs(): StreamNeed[] {
    const { config, ownership } = this.#parts;
    return streamNeeds(config(), (provider) => ownership.groupSizesOf(provider));
  }
}
