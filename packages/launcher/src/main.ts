import { runWorker } from 'worker-kit';
import { launcher } from './launcher.ts';

await runWorker(launcher());
