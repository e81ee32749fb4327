import { runWorker } from 'worker-kit';
import { syncWorker } from './sync-worker.ts';

await runWorker(syncWorker());
