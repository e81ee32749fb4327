import type { WorkerDefinition } from 'worker-kit';
import { listedAddresses, SyncService, type SyncServiceOptions } from './assemble.ts';

/** The process that reads calendar servers into the database. @param options for tests */
export function syncWorker(options: Partial<SyncServiceOptions> = {}): WorkerDefinition {
  let service: SyncService | undefined;
  return {
    kind: 'sync-worker',
    sections: ['calendarProviders', 'cache', 'sync', 'privacy'],
    lists: listedAddresses,
    needsKey: () => true,
    start: async (context) => {
      const started = new SyncService(context, options);
      service = started;
      context.health.computed('mailboxes', () => started.freshness());
      context.health.computed('streams', () => started.streaming());
      context.ops.add('sync', () => started.facts());
      return started.services();
    },
    reload: async (_context, next) => {
      await service?.reload(next.config);
    },
  };
}
