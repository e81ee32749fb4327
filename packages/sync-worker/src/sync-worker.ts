import type { ConnectorConfig } from 'connector-config';
import type { WorkerDefinition } from 'worker-kit';
import { assemble, type SyncWorkerOptions } from './assemble.ts';

/** The process that reads calendar servers into the database. @param options for tests */
export function syncWorker(options: SyncWorkerOptions = {}): WorkerDefinition {
  return {
    kind: 'sync-worker',
    sections: ['calendarProviders', 'cache', 'sync', 'privacy'],
    lists: listedAddresses,
    needsKey: () => true,
    start: async (context) => assemble(context, options),
  };
}

/** Canonical addresses of all mailboxes that a configuration lists. */
function listedAddresses(config: ConnectorConfig): string[] {
  return config.calendarProviders.flatMap(({ users }) => users);
}
