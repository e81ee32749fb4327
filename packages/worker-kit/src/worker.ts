import type { WorkerMessage } from 'calendar-db/notifications';
import { type LoadedConfig, sectionDigests } from 'connector-config';
import { ConfigInForce, RELOAD_INCOMPLETE } from './config-in-force.ts';
import type { ReloadPlan } from './config-reload.ts';
import { FatalError } from './fatal-error.ts';
import type { HealthCheck } from './health.ts';
import { HealthWatch } from './health-watch.ts';
import { OpsService } from './ops-service.ts';
import { missingSchema, waitForSchema } from './schema-gate.ts';
import { addAgreementCheck, databaseProbe, listenProbe, triggerProbe } from './standard-checks.ts';
import { Supervisor } from './supervisor.ts';
import { SystemdNotifier } from './systemd-notifier.ts';
import { DEFAULT_TIMINGS, type WorkerTimings } from './timings.ts';
import type { WorkerContext, WorkerDefinition } from './worker-definition.ts';
import { createWorkerParts, type WorkerOptions, type WorkerParts } from './worker-parts.ts';

/** For services to end after they were told to drop their work. */
const ABORT_MS = 500;
/** For taking out the registry entry and closing connections afterwards. */
const CLOSE_MS = 1_500;
const FOREVER = { maxAgeMs: Number.POSITIVE_INFINITY };

/**
 * One worker: its resources, the services that every worker has, and its definition's own. It knows nothing of signals and
 * exit codes, so that tests can run several in one process.
 */
export class Worker {
  readonly context: WorkerContext;
  readonly #definition: WorkerDefinition;
  readonly #timings: WorkerTimings;
  readonly #parts: WorkerParts;
  readonly #services: Supervisor;
  /** What every worker has; outlives the services, so that they can hand back what they hold. */
  readonly #shell: Supervisor;
  readonly #systemd: SystemdNotifier;
  readonly #schemaCheck: HealthCheck;
  readonly #configCheck: HealthCheck;
  readonly #startCheck: HealthCheck;
  readonly #config: ConfigInForce;
  #fatal: FatalError | undefined;

  /** @throws FatalError when the key, the database's password or a file that the config names cannot be used */
  constructor(definition: WorkerDefinition, loaded: LoadedConfig, options: WorkerOptions) {
    this.#definition = definition;
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.#parts = createWorkerParts(definition, loaded, options, this.#timings);
    const { log, running, shellRunning, health } = this.#parts;
    this.#config = new ConfigInForce(loaded, running.stopping);
    const { restartMs } = this.#timings;
    this.context = this.#createContext(options.instance);
    this.#services = new Supervisor(running, log, restartMs, (error) => this.fail(error));
    this.#shell = new Supervisor(shellRunning, log, restartMs, (error) => this.fail(error));
    this.#systemd = new SystemdNotifier(options.env, log);
    this.#configCheck = health.check('config', FOREVER);
    this.#configCheck.ok();
    this.#schemaCheck = health.check('schema', FOREVER);
    this.#startCheck = health.check('start', FOREVER);
  }

  /**
   * Runs until stopped. Never ends because of the database.
   * @returns whether everything was handed back in time
   * @throws FatalError when only a person can help
   */
  async run(): Promise<boolean> {
    const { database, running, log } = this.#parts;
    try {
      this.#startShell();
      if (await waitForSchema(database, running, log, this.#schemaCheck, this.#timings.schemaMs)) await this.#begin();
      await running.sleep(Number.POSITIVE_INFINITY);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.fail(error);
    }
    const clean = await this.#drain();
    if (this.#fatal) throw this.#fatal;
    return clean;
  }

  /** Takes no more work and hands back what it holds; `run` then ends. */
  stop(): void {
    this.#parts.running.stop();
  }

  /** Drops what it holds; `run` then ends soon. */
  abort(): void {
    this.#parts.running.abort();
  }

  /** Leaves for a reason that only a person can put right; the first one counts. */
  fail(error: FatalError): void {
    this.#fatal ??= error;
    this.stop();
  }

  /**
   * Reads the config again and puts in force what can change at run time. Several calls are done one after another. A
   * config that is refused is logged and changes nothing. Never rejects.
   */
  async reload(): Promise<void> {
    if (!this.#parts.running.shouldRun()) return;
    try {
      const plan = await this.#config.reload();
      if (plan !== undefined) this.#onReloaded(plan);
    } catch (error) {
      if (error instanceof FatalError && error.code === RELOAD_INCOMPLETE) this.fail(error);
      else this.#onRefused(error);
    }
  }

  #createContext(instance: number): WorkerContext {
    const { log, keys, database, listener, clock, health, metrics, running, registry, routes } = this.#parts;
    const inForce = this.#config;
    return {
      get config() {
        return inForce.current;
      },
      get key() {
        return keys.key;
      },
      ...{ log, database, listener, clock, health, metrics, running, registry, instance },
      workerId: registry.entry.workerId,
      ops: routes,
    };
  }

  #startShell(): void {
    const { opsListener, opsWanted, registry, health, shellRunning, log, clock, running } = this.#parts;
    health.computed('stopping', () =>
      running.shouldRun() ? { state: 'ok', detail: '' } : { state: 'unready', detail: 'handing back work' },
    );
    addAgreementCheck(health, registry);
    this.#shell.add(
      new OpsService(opsListener, opsWanted, registry, health, shellRunning, log),
      databaseProbe(clock, health, shellRunning, log, this.#timings.databaseMs),
      new HealthWatch(health, this.#systemd, shellRunning, log, this.#timings.healthMs),
      this.#systemd.watchdog(shellRunning),
    );
  }

  /** The schema is there: registers, listens and starts the definition's services. */
  async #begin(): Promise<void> {
    const { database, listener, listenAt, registry, health, running, shellRunning, log } = this.#parts;
    const { kind, start } = this.#definition;
    listener.onWorker((message) => this.#onMessage(message));
    listener.onConnected(() => {
      registry.wake();
      void this.#lookAtSchema();
    });
    await listener.start();
    this.#shell.add(
      listenProbe(listener, listenAt, kind, health, shellRunning, log),
      triggerProbe(database, kind, health, shellRunning, log, this.#timings.triggersMs),
      registry,
    );
    while (running.shouldRun()) {
      try {
        await registry.refresh();
        this.#services.add(...(await this.#config.start(() => start(this.context))));
        this.#startCheck.ok();
        log.info('worker.started', `${kind} started`, { workerId: registry.entry.workerId });
        return;
      } catch (error) {
        await running.backoff(error);
      }
    }
  }

  async #drain(): Promise<boolean> {
    const { running, shellRunning, registry, listener, database, log } = this.#parts;
    log.info('worker.stopping', 'takes no more work and hands back what it holds');
    const told = this.#systemd.stopping();
    registry.update({ draining: true });
    const overdue = setTimeout(() => running.abort(), this.#timings.drainMs);
    const clean = await within(this.#services.drain(), running.aborting);
    clearTimeout(overdue);
    if (!clean) {
      log.warn('worker.aborted', 'drops work that was not handed back in time');
      await within(this.#services.stop(), AbortSignal.timeout(ABORT_MS));
    }
    shellRunning.stop();
    const closing = this.#shell.stop().then(() => registry.remove());
    const closed = Promise.allSettled([closing, listener.close(), told]).then(() => database.close());
    await within(closed, AbortSignal.timeout(CLOSE_MS));
    log.info('worker.stopped', clean ? 'stopped' : 'stopped without handing everything back');
    return clean;
  }

  #onMessage({ registry, breaking, reload, stop }: WorkerMessage): void {
    if (registry !== undefined) this.#parts.registry.wake();
    if (breaking !== undefined) void this.#lookAtSchema();
    if (reload !== undefined && this.#isMeant(reload)) void this.reload();
    if (stop !== undefined && this.#isMeant(stop)) this.stop();
  }

  #isMeant(who: string): boolean {
    return who === 'all' || who === this.#definition.kind || who === this.context.workerId;
  }

  async #lookAtSchema(): Promise<void> {
    try {
      const missing = await missingSchema(this.#parts.database);
      if (missing === undefined) this.#schemaCheck.ok();
      else this.#schemaCheck.unready(missing);
    } catch (error) {
      // Anything else is the database's absence, which its own check tells.
      if (error instanceof FatalError) this.fail(error);
    }
  }

  #onReloaded({ config, live, restart }: ReloadPlan): void {
    const { log, registry } = this.#parts;
    const { kind, sections, lists } = this.#definition;
    log.setLevel(config.log.level);
    registry.update({ configDigests: sectionDigests(config, sections), lists: lists?.(config) ?? [] });
    this.#configCheck.ok();
    const later = restart.length > 0 ? `; only after a restart of this ${kind}: ${restart.join(', ')}` : '';
    log.info('config.reloaded', `config read again; changed now: ${live.join(', ') || 'nothing'}${later}`);
  }

  #onRefused(error: unknown): void {
    const { log } = this.#parts;
    this.#configCheck.degraded('the changed config was refused, the old one stays in force');
    const lines = error instanceof FatalError ? error.lines : ['the config could not be taken over'];
    for (const line of lines) log.error('config.refused', line, error instanceof FatalError ? {} : { error });
  }
}

/** Waits for `work`, at most until `signal`. @returns whether `work` came to its end */
async function within(work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const given = new Promise<false>((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  return Promise.race([work.then(() => true as const), given]);
}
