import { runWorker } from 'worker-kit';
import { listedAddresses, SyncService } from './sync-service.ts';

let service: SyncService | undefined;

await runWorker({
  kind: 'sync-worker',
  sections: ['calendarProviders', 'cache', 'sync', 'privacy'],
  lists: listedAddresses,
  needsKey: () => true,
  start: async (context) => {
    service = new SyncService(context);
    const current = service;
    context.health.computed('mailboxes', () => current.freshness());
    context.ops.add('sync', () => current.facts());
    return current.services();
  },
  reload: async (_context, next) => {
    await service?.reload(next.config);
  },
});
