import { runWorker } from '../run-worker.ts';
import type { Service } from '../service.ts';

/**
 * A worker for the kit's own tests of whole processes. `FIXTURE` says how it behaves: `stuck` never hands back its work,
 * `throws` has a defect outside any loop, `fails` has a service that fails each time.
 */
const behaviour = process.env.FIXTURE ?? '';

await runWorker({
  kind: 'launcher',
  sections: ['conferences'],
  start: async ({ running, log }) => {
    const loop = running.child('fixture');
    if (behaviour === 'throws') setTimeout(() => JSON.parse('not json'), 10);
    const fixture: Service = {
      id: 'fixture',
      run: async () => {
        if (behaviour === 'fails') throw new Error('out of order');
        await loop.sleep(Number.POSITIVE_INFINITY);
      },
      stop: () => loop.stop(),
      drain: async () => {
        log.info('fixture.draining', 'hands back');
        if (behaviour === 'stuck') await new Promise(() => undefined);
        log.info('fixture.drained', 'handed back');
      },
    };
    return { services: [fixture], prepareReload: () => () => undefined };
  },
});
