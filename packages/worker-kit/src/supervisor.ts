import { FatalError } from './fatal-error.ts';
import type { Logger } from './log.ts';
import type { RunningState } from './running-state.ts';
import type { Service } from './service.ts';

const MOST_FAILURES = 5;
const WITHIN_MS = 10 * 60_000;

/** Runs services until they are told to stop, starting one again that failed, and gives up on a crash loop. */
export class Supervisor {
  readonly #running: RunningState;
  readonly #log: Logger;
  readonly #restartMs: number;
  readonly #onFatal: (error: FatalError) => void;
  readonly #services: Service[] = [];
  readonly #runs: Promise<void>[] = [];

  /**
   * @param restartMs before a failed service is started again for the first time, milliseconds; then four times as long
   * @param onFatal told about what only a person can put right
   */
  constructor(running: RunningState, log: Logger, restartMs: number, onFatal: (error: FatalError) => void) {
    this.#running = running;
    this.#log = log;
    this.#restartMs = restartMs;
    this.#onFatal = onFatal;
  }

  add(...services: readonly Service[]): void {
    for (const service of services) {
      this.#services.push(service);
      this.#runs.push(this.#supervise(service));
    }
  }

  /** Lets all services hand back what they hold, then stops them; ends when all have ended. Failures are logged. */
  async drain(): Promise<void> {
    await this.#each('drain', async (service) => service.drain?.());
    await this.stop();
  }

  /** Stops all services without handing anything back; ends when all have ended. */
  async stop(): Promise<void> {
    await this.#each('stop', async (service) => service.stop());
    await Promise.all(this.#runs);
  }

  async #each(step: string, act: (service: Service) => Promise<void>): Promise<void> {
    await Promise.all(
      this.#services.map(async (service) => {
        try {
          await act(service);
        } catch (error) {
          this.#log.error(`service.${step}-failed`, `${service.id} failed to ${step}`, { service: service.id, error });
        }
      }),
    );
  }

  async #supervise(service: Service): Promise<void> {
    const running = this.#running.child(service.id);
    const failures: number[] = [];
    while (running.shouldRun()) {
      try {
        await service.run();
        if (!running.shouldRun()) return;
        throw new Error(`${service.id} ended though nobody stopped it`);
      } catch (error) {
        if (!running.shouldRun()) {
          this.#log.warn('service.failed', `${service.id} failed while stopping`, { service: service.id, error });
          return;
        }
        if (error instanceof FatalError) return this.#onFatal(error);
        failures.push(Date.now());
        const recent = failures.filter((at) => Date.now() - at < WITHIN_MS);
        this.#log.error('service.failed', `${service.id} failed; this is a defect`, { service: service.id, error });
        if (recent.length >= MOST_FAILURES) return this.#onFatal(crashLoop(service.id, error));
        await running.sleep(this.#restartMs * 4 ** (recent.length - 1));
      }
    }
  }
}

function crashLoop(id: string, cause: unknown): FatalError {
  const line = `${id} failed ${MOST_FAILURES} times within ten minutes, the last entries say why; report it or install a build that has it mended`;
  return new FatalError('crashLoop', 'crash-loop', line, { cause });
}
