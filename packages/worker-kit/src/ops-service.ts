import type { Health } from './health.ts';
import type { Logger } from './log.ts';
import type { OpsListener } from './ops-listener.ts';
import type { RunningState } from './running-state.ts';
import type { Service } from './service.ts';
import { TroubleLog } from './trouble-log.ts';
import type { WorkerRegistry } from './worker-registry.ts';

const TRY_AGAIN_MS = 1_000;

/**
 * Keeps the ops listener open. A port that somebody else holds does not stop the worker's real work and is not evaded
 * either, since monitoring would then read another process: the worker is degraded, says so and goes on trying; the one
 * who holds it may be this worker's predecessor, about to leave.
 */
export class OpsService implements Service {
  readonly id = 'ops listener';
  readonly #listener: OpsListener;
  readonly #where: string;
  readonly #registry: WorkerRegistry;
  readonly #health: Health;
  readonly #running: RunningState;
  readonly #log: Logger;

  /** @param where host and port that are wanted, for messages */
  constructor(
    listener: OpsListener,
    where: string,
    registry: WorkerRegistry,
    health: Health,
    parent: RunningState,
    log: Logger,
  ) {
    this.#listener = listener;
    this.#where = where;
    this.#registry = registry;
    this.#health = health;
    this.#running = parent.child(this.id);
    this.#log = log;
  }

  async run(): Promise<void> {
    const check = this.#health.check('ops', { maxAgeMs: Number.POSITIVE_INFINITY });
    check.degraded('not listening yet');
    const troubles = new TroubleLog(this.#log);
    while (this.#running.shouldRun() && this.#listener.address === null) {
      try {
        const address = await this.#listener.listen();
        check.ok(address);
        this.#registry.update({ opsAddress: address });
        this.#log.info('ops.listening', `health, metrics and state at http://${address}`, { address });
      } catch (error) {
        const detail = `cannot listen on ${this.#where} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}); give this instance another number or change ops in the config`;
        check.degraded(detail);
        troubles.begin(this.#where, detail, { level: 'error', event: 'ops.not-listening', message: detail });
        await this.#running.sleep(TRY_AGAIN_MS);
      }
    }
    await this.#running.sleep(Number.POSITIVE_INFINITY);
  }

  async stop(): Promise<void> {
    this.#running.stop();
    await this.#listener.close();
  }
}
