import { runWorker } from 'worker-kit';
import { wsGateway } from './ws-gateway.ts';

await runWorker(wsGateway());
