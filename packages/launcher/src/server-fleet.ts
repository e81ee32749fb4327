import { readFileSync } from 'node:fs';
import { type ConnectorConfig, type TrueConfServerConfig, usableServers, whitelistedServers } from 'connector-config';
import { describeError, FatalError, type Service, type WorkerContext } from 'worker-kit';
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

/** One server of a config, with everything that had to be read to talk to it. */
interface OpenedServer {
  readonly config: TrueConfServerConfig;
  /** Text of its `tls.ca`; undefined: what the system trusts. */
  readonly ca: string | undefined;
  readonly server: TrueConfServer;
}

/** What this launcher does with one server. */
interface Unit extends OpenedServer {
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

  /** The servers are at work once they are in use: nothing is to be done until they end. */
  async run(): Promise<void> {
    const { stopping } = this.#options.context.running;
    if (!stopping.aborted) await new Promise((stop) => stopping.addEventListener('abort', stop, { once: true }));
    await this.drain();
  }

  /**
   * Opens the servers of a configuration to come. What is in use is not touched, and no request is made.
   *
   * @returns puts the servers to use; those that the configuration does not change go on undisturbed. If it is never
   * called, nothing is to be closed
   * @throws FatalError when a server's secret or certificates cannot be read: waiting does not help there
   */
  prepare(config: ConnectorConfig): () => void {
    const servers = usableServers(config).map((server) => this.#open(server, config));
    return () => this.#use(servers, config);
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

  /** @returns the server in use where nothing changed, else one that is not in use yet. @throws FatalError */
  #open(config: TrueConfServerConfig, all: ConnectorConfig): OpenedServer {
    const { context, metrics } = this.#options;
    const { serverId, tls } = config;
    try {
      const ca = tls.ca === undefined ? undefined : readFileSync(tls.ca, 'utf8');
      const present = this.#units.get(serverId);
      if (present !== undefined && present.ca === ca && isSame(present.config, config)) return present;
      const server = new TrueConfServer({
        ...{ config, ca, key: context.key, log: context.log, aborting: context.running.aborting },
        requestsPerSecond: budgetOf(config, all, this.#launchers()),
        onCondition: (isAway) => metrics.serverAway.set({ server: serverId }, isAway ? 1 : 0),
      });
      return { config, ca, server };
    } catch (error) {
      if (error instanceof FatalError) throw error;
      const { code, message } = describeError(error);
      throw new FatalError('config', String(code), `TrueConf Server ${serverId}: ${message}`, { cause: error });
    }
  }

  #use(servers: readonly OpenedServer[], config: ConnectorConfig): void {
    if (!this.#options.context.running.shouldRun()) return;
    this.#sayWhoIsMissing(config);
    const staying = new Set(servers.map(({ server }) => server));
    for (const [id, unit] of this.#units) {
      if (!staying.has(unit.server)) this.#leave(id, unit);
    }
    for (const opened of servers) {
      const { serverId } = opened.config;
      if (!this.#units.has(serverId)) this.#units.set(serverId, this.#start(opened));
    }
    this.#shareBudgets(config);
  }

  #start(opened: OpenedServer): Unit {
    const { context, metrics, salt, owner, writer } = this.#options;
    const { database, clock, log, running } = context;
    const { server } = opened;
    metrics.serverAway.set({ server: server.serverId }, 0);
    const conferences = () => context.config.conferences;
    const shared = { server, database, clock, log, owner, conferences };
    const steps = new ConferenceSteps({ ...shared, salt, writer, metrics });
    const runner = new ServerRunner({ ...shared, steps, running });
    const resolver = new AddressResolver({ server, database, running, log });
    return { ...opened, runner, resolver, ended: this.#keepRunning(runner, resolver) };
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

/** Whether the server of a running unit is reached in the same way by the new configuration. */
function isSame(a: TrueConfServerConfig, b: TrueConfServerConfig): boolean {
  return (
    a.url === b.url &&
    a.clientId === b.clientId &&
    a.clientSecret.sameTextAs(b.clientSecret) &&
    a.requestsPerSecond === b.requestsPerSecond
  );
}
