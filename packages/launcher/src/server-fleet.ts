import { type ConnectorConfig, type TrueConfServerConfig, usableServers, whitelistedServers } from 'connector-config';
import type { Service, WorkerContext } from 'worker-kit';
import type { LauncherMetrics } from './launcher-metrics.ts';
import { AddressResolver } from './planner/address-resolver.ts';
import type { OutcomeWriter } from './runner/outcome-writer.ts';
import { ServerRunner } from './runner/server-runner.ts';
import { ConferenceSteps } from './runner/step-runner.ts';
import { TrueConfServer } from './trueconf-server.ts';

export interface ServerFleetOptions {
  readonly context: WorkerContext;
  readonly salt: Uint8Array;
  readonly owner: string;
  readonly writer: OutcomeWriter;
  readonly metrics: LauncherMetrics;
}

/** What this launcher does with one server. */
interface Unit {
  readonly config: TrueConfServerConfig;
  readonly server: TrueConfServer;
  readonly runner: ServerRunner;
  readonly resolver: AddressResolver;
  readonly ended: Promise<unknown>;
}

/** A runner and an address resolver for every TrueConf Server that is configured and whitelisted. */
export class ServerFleet implements Service {
  readonly id = 'TrueConf Servers';
  readonly #options: ServerFleetOptions;
  readonly #units = new Map<string, Unit>();
  readonly #leaving = new Set<Promise<unknown>>();

  constructor(options: ServerFleetOptions) {
    this.#options = options;
    options.context.registry.onChange(() => this.#shareBudgets(options.context.config));
  }

  async run(): Promise<void> {
    const { context } = this.#options;
    this.take(context.config);
    const { stopping } = context.running;
    if (!stopping.aborted) await new Promise((stop) => stopping.addEventListener('abort', stop, { once: true }));
    await this.drain();
  }

  /** Takes over the servers of a configuration; those that it does not change go on undisturbed. */
  take(config: ConnectorConfig): void {
    if (!this.#options.context.running.shouldRun()) return;
    this.#sayWhoIsMissing(config);
    const wanted = new Map(usableServers(config).map((server) => [server.serverId, server]));
    for (const [id, unit] of this.#units) {
      const next = wanted.get(id);
      if (next === undefined || !isSame(unit.config, next)) this.#leave(id, unit);
    }
    for (const [id, server] of wanted) {
      if (!this.#units.has(id)) this.#units.set(id, this.#start(server, config));
    }
    this.#shareBudgets(config);
  }

  /** Something may be due on some server. */
  wake(): void {
    for (const { runner } of this.#units.values()) runner.wake();
  }

  /** There are new questions about addresses. */
  wakeResolvers(): void {
    for (const { resolver } of this.#units.values()) resolver.wake();
  }

  /** Servers that do not answer now, with what is wrong. */
  away(): { readonly serverId: string; readonly problem: string }[] {
    return [...this.#units].flatMap(([serverId, { server }]) =>
      server.condition.down === null ? [] : [{ serverId, problem: server.condition.down }],
    );
  }

  /** Servers that this launcher looks after. */
  serverIds(): string[] {
    return [...this.#units.keys()];
  }

  async drain(): Promise<void> {
    for (const [id, unit] of [...this.#units]) this.#leave(id, unit);
    await Promise.all(this.#leaving);
  }

  async stop(): Promise<void> {
    await this.drain();
  }

  #start(config: TrueConfServerConfig, all: ConnectorConfig): Unit {
    const { context, metrics, salt, owner, writer } = this.#options;
    const { database, clock, log, running } = context;
    const { serverId } = config;
    metrics.serverAway.set({ server: serverId }, 0);
    const server = new TrueConfServer({
      config,
      key: context.key,
      requestsPerSecond: budgetOf(config, all, this.#launchers()),
      log,
      aborting: running.aborting,
      onCondition: (isAway) => metrics.serverAway.set({ server: serverId }, isAway ? 1 : 0),
    });
    const conferences = () => context.config.conferences;
    const shared = { server, database, clock, log, owner, conferences };
    const steps = new ConferenceSteps({ ...shared, salt, writer, metrics });
    const runner = new ServerRunner({ ...shared, steps, running });
    const resolver = new AddressResolver({ server, database, running, log });
    return { config, server, runner, resolver, ended: this.#keepRunning(runner, resolver) };
  }

  /** Both loops end only when they are stopped; a defect in one is told and leaves the other alone. */
  async #keepRunning(...loops: readonly { run(): Promise<void> }[]): Promise<void> {
    const { log } = this.#options.context;
    const runs = loops.map((loop) =>
      loop.run().catch((error: unknown) => log.error('launcher.loop-ended', 'a loop ended by a defect', { error })),
    );
    await Promise.all(runs);
  }

  #leave(id: string, { server, runner, resolver, ended }: Unit): void {
    this.#units.delete(id);
    runner.stop();
    resolver.stop();
    const left = ended.then(() => server.close()).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  /** All launchers together keep within each server's budget. */
  #shareBudgets(config: ConnectorConfig): void {
    const launchers = this.#launchers();
    for (const { config: own, server } of this.#units.values()) {
      server.budget.resize(budgetOf(own, config, launchers));
    }
  }

  #launchers(): number {
    return Math.max(1, this.#options.context.registry.livePeers('launcher').length);
  }

  #sayWhoIsMissing(config: ConnectorConfig): void {
    for (const { entry, server } of whitelistedServers(config)) {
      if (server !== undefined) continue;
      const message = `${entry} is in productWhitelist.tcs but not in trueconfServers: no conference is made or started there; add an entry with its serverId, url, clientId and clientSecret`;
      this.#options.context.log.warn('launcher.server-not-configured', message, { serverId: entry });
    }
  }
}

function budgetOf(server: TrueConfServerConfig, config: ConnectorConfig, launchers: number): number {
  return (server.requestsPerSecond ?? config.conferences.requestsPerSecond) / launchers;
}

/** Whether a running unit can go on under the new configuration. */
function isSame(a: TrueConfServerConfig, b: TrueConfServerConfig): boolean {
  return (
    a.url === b.url &&
    a.clientId === b.clientId &&
    a.clientSecret.sameTextAs(b.clientSecret) &&
    a.tls.ca === b.tls.ca &&
    a.requestsPerSecond === b.requestsPerSecond
  );
}
