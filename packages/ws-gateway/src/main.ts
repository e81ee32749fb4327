import { runWorker } from 'worker-kit';
import { gatewayWorker } from './gateway-worker.ts';

await runWorker(gatewayWorker());
