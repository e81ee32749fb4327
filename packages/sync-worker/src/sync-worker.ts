import type { WorkerDefinition } from 'worker-kit';
import { listedAddresses, SyncService, type SyncServiceOptions } from './assemble.ts';

/** The process that reads calendar servers into the database. @param options for tests */
export function syncWorker(options: Partial<SyncServiceOptions> = {}): WorkerDefinition {
  return {
    kind: 'sync-worker',
    sections: ['calendarProviders', 'cache', 'sync', 'privacy'],
    lists: listedAddresses,
    needsKey: () => true,
    start: async (context) => {
      const service = new SyncService(context, options);
      context.health.computed('mailboxes', () => service.freshness());
      context.health.computed('streams', () => service.streaming());
      context.ops.add('sync', () => service.facts());
      return { services: service.services(), prepareReload: (next) => service.prepareReload(next.config) };
    },
  };
}
