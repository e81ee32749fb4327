import type { ConnectorConfig, LoadedConfig } from 'connector-config';
import { planReload, type ReloadPlan } from './config-reload.ts';
import { FatalError } from './fatal-error.ts';
import { loadConfigOrFail } from './load-config-or-fail.ts';
import type { Service } from './service.ts';
import type { StartedWorker } from './worker-definition.ts';

/** Code of the FatalError for a commit that failed. */
export const RELOAD_INCOMPLETE = 'reload-incomplete';

/**
 * Owns the config that a worker runs by, and the only place that changes it. A start and reloads happen one after
 * another, so that no part of the worker sees two configs at once.
 */
export class ConfigInForce {
  readonly #path: string;
  readonly #stopping: AbortSignal;
  #current: ConnectorConfig;
  #started: StartedWorker | undefined;
  #lastTurn: Promise<unknown> = Promise.resolve();

  /** @param stopping after it has fired, no config is put in force any more */
  constructor(loaded: LoadedConfig, stopping: AbortSignal) {
    this.#path = loaded.path;
    this.#current = loaded.config;
    this.#stopping = stopping;
  }

  /** The config in force. Another object after a reload; never changed itself. */
  get current(): ConnectorConfig {
    return this.#current;
  }

  /**
   * Starts the worker's own parts. A reload that is asked for meanwhile follows afterwards, and is prepared by these parts.
   *
   * @returns the services to run
   * @throws whatever `start` throws
   */
  start(start: () => Promise<StartedWorker>): Promise<readonly Service[]> {
    return this.#inTurn(async () => {
      this.#started = await start();
      return this.#started.services;
    });
  }

  /**
   * Reads the config file and puts in force what can change at run time.
   *
   * @returns what changed; undefined when the worker is stopping, which takes over nothing
   * @throws FatalError when the file is wrong: nothing has changed then
   * @throws FatalError `reload-incomplete` when the commit failed: the worker's parts then disagree and must end
   * @throws whatever `prepareReload` throws: nothing has changed then
   */
  reload(): Promise<ReloadPlan | undefined> {
    return this.#inTurn(async () => {
      const loaded = loadConfigOrFail(this.#path);
      const plan = planReload(this.#current, loaded.config);
      const commit =
        plan.live.length > 0 ? await this.#started?.prepareReload({ ...loaded, config: plan.config }) : undefined;
      if (this.#stopping.aborted) return undefined;
      this.#current = plan.config;
      try {
        commit?.();
      } catch (cause) {
        throw incomplete(cause);
      }
      return plan;
    });
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastTurn.then(act);
    // A failure concerns who asked for this turn, not the next one.
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

function incomplete(cause: unknown): FatalError {
  const line =
    'the changed config was taken over only in part, which is a defect; the worker ends, and starts again with the changed config where a service manager restarts it';
  return new FatalError('crash', RELOAD_INCOMPLETE, line, { cause });
}
