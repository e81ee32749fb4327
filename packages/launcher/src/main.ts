import { runWorker } from 'worker-kit';
import { launcherDefinition } from './launcher.ts';

await runWorker(launcherDefinition());
