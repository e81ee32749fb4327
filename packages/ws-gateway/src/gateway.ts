import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { forgetExpiredSignIns } from 'calendar-db/sign-in';
import type { ConnectorConfig } from 'connector-config';
import { closeCodes, TOKEN_PATH } from 'gateway-protocol';
import { type HealthState, runLoop, type Service, type WorkerContext } from 'worker-kit';
import { ChangeTail } from './delivery/change-tail.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { EventReader } from './delivery/event-reader.ts';
import { Resumes } from './delivery/resumes.ts';
import { Router } from './delivery/router.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import type { GatewayServices } from './gateway-services.ts';
import { RequestHandler } from './methods/request-handler.ts';
import { AccessTokens } from './sign-in/access-tokens.ts';
import { BadTokenLimit } from './sign-in/bad-token-limit.ts';
import { LoginGuard } from './sign-in/login-guard.ts';
import { reviewIdentity } from './sign-in/review-identity.ts';
import { TokenEndpoint } from './sign-in/token-endpoint.ts';
import { TrueConfServers } from './sign-in/trueconf-servers.ts';
import { Session } from './socket/session.ts';
import { SessionRegistry } from './socket/session-registry.ts';
import { watchSession } from './socket/socket-watch.ts';
import type { PeerSocket, SocketHandler } from './transport/transport.ts';
import { UwsServer } from './transport/uws-server.ts';

const WATCH_EVERY_MS = 1_000;
const HOUSEKEEPING_EVERY_MS = 600_000;
/** Known changes that stay unread for longer make the gateway unready. */
const MOST_BEHIND_MS = 10_000;
/** How long clients have to acknowledge that the gateway is closing. */
const CLOSING_MS = 1_000;
/** Clients are asked to come back at different times within this. */
const SPREAD_RECONNECTS_MS = 2_000;

/** Serves calendars to clients: everything behind one port, and the services that keep it going. */
export class Gateway {
  /** The port that it listens on, once it does. */
  port: number | undefined;
  readonly #context: WorkerContext;
  readonly #sessions = new SessionRegistry();
  readonly #servers: TrueConfServers;
  readonly #tail: ChangeTail;
  readonly #router: Router;
  readonly #deliveries: Deliveries;
  readonly #requests: RequestHandler;
  readonly #metrics: GatewayMetrics;
  readonly #server: UwsServer;
  #draining = false;

  constructor(context: WorkerContext) {
    this.#context = context;
    const { database, listener, running, log, clock } = context;
    this.#metrics = this.#makeMetrics();
    this.#servers = new TrueConfServers(() => context.key, log);
    this.#router = new Router({
      dirtyLimit: () => context.config.gateway.limits.dirtyEvents,
      onNews: (session) => this.#deliveries.schedule(session),
    });
    this.#tail = new ChangeTail({
      database,
      listener,
      running: running.child('change tail'),
      log,
      safetyPollMs: () => context.config.gateway.safetyPollMs,
      onRows: (rows) => this.#router.route(rows),
      onBreak: (reason) => this.#router.startOver(reason),
    });
    const reader = new EventReader({
      database,
      rules: () => ({ participants: context.config.privacy.viewers === 'participants' }),
      userIdOf: (address) => this.#userIdOf(address),
    });
    this.#deliveries = new Deliveries({
      reader,
      position: () => this.#tail.position,
      pageEvents: () => context.config.gateway.limits.pageEvents,
      running: running.child('deliveries'),
      log,
      metrics: this.#metrics,
      databaseNow: () => clock.now(),
    });
    const tokens = new AccessTokens(context.key, () => clock.now());
    const services: GatewayServices = {
      config: () => context.config,
      database,
      tail: this.#tail,
      router: this.#router,
      reader,
      resumes: new Resumes(database, () => this.#tail.position?.seq ?? 0),
      sessions: this.#sessions,
      servers: this.#servers,
      tokens,
      badTokens: new BadTokenLimit(),
      log,
      databaseNow: () => clock.now(),
    };
    this.#requests = new RequestHandler({
      services,
      metrics: this.#metrics,
      onFree: (session) => this.#deliveries.schedule(session),
    });
    this.#server = this.#makeServer(services);
  }

  /**
   * Listens.
   *
   * @returns the services to run
   * @throws PortTakenError
   */
  start(): readonly Service[] {
    const { config, health, log, ops } = this.#context;
    this.configure(config);
    this.port = this.#server.listen();
    log.info('gateway.listening', 'clients may connect', { host: config.gateway.host || '*', port: this.port });
    health.computed('change-log', () => this.#tailHealth());
    ops.add('gateway', () => ({
      port: this.port,
      sockets: this.#sessions.size,
      position: this.#tail.position ?? null,
    }));
    return [this.#tail, this.#deliveries, this.#watch(), this.#housekeeping(), this.#portService()];
  }

  /** Takes over what can change at run time, at the start and after a reload. */
  configure(config: ConnectorConfig): void {
    const { log } = this.#context;
    this.#servers.configure(config);
    for (const session of [...this.#sessions]) reviewIdentity(session, this.#servers, this.#router);
    if (config.gateway.allowCleartext) {
      const warning = 'gateway.allowCleartext is on: passwords of other machines may cross the network unencrypted';
      log.warn('gateway.cleartext', warning);
    }
    if (this.#servers.all.length === 0) {
      const warning = 'nobody can sign in: no server of trueconfServers is usable and in productWhitelist.tcs';
      log.warn('gateway.nobody-can-sign-in', warning);
    }
  }

  #makeServer(services: GatewayServices): UwsServer {
    const context = this.#context;
    const { config, database, key, log } = context;
    const endpoint = new TokenEndpoint({
      database,
      servers: this.#servers,
      tokens: services.tokens,
      guard: new LoginGuard(database, key, () => context.config.gateway.limits),
      config: () => context.config.gateway,
      log,
      metrics: this.#metrics,
    });
    const { host, sharePort, tls } = config.gateway;
    return new UwsServer(
      {
        host,
        port: config.wsPort,
        sharePort,
        tls,
        live: () => ({
          trustedProxies: context.config.gateway.trustedProxies,
          frameBytes: context.config.gateway.limits.frameBytes,
        }),
      },
      {
        open: (socket) => this.#open(socket),
        posts: { [TOKEN_PATH]: (request) => endpoint.handle(request) },
        healthy: () => !this.#draining && context.health.report().ready,
        onDefect: (error) => log.error('gateway.defect', 'a defect was survived', { error }),
      },
    );
  }

  #open(socket: PeerSocket): SocketHandler {
    const session = new Session(randomUUID(), socket, performance.now());
    this.#sessions.add(session);
    if (this.#draining) session.close('goingAway', 'the gateway is being stopped');
    else if (this.#sessions.size > this.#context.config.gateway.limits.sockets) {
      session.close('tooManySockets', 'the gateway has too many open sockets');
    }
    return {
      receive: (text) => this.#requests.receive(session, text),
      heard: () => {
        session.heardAt = performance.now();
      },
      gone: (code) => {
        session.subscription = undefined;
        this.#router.remove(session);
        this.#sessions.remove(session);
        const known = closeCodes.some((entry) => entry.code === code);
        this.#metrics.closes.inc({ code: known ? String(code) : 'other' });
        this.#context.log.debug('gateway.socket-gone', 'a socket ended', { connection: session.id, code });
      },
    };
  }

  #watch(): Service {
    const { running, log, clock } = this.#context;
    const watching = running.child('socket watch');
    const once = async () => {
      const { limits } = this.#context.config.gateway;
      const now = { steady: performance.now(), database: clock.now() };
      for (const session of [...this.#sessions]) {
        if (watchSession(session, limits, now)) this.#deliveries.schedule(session);
      }
    };
    return {
      id: 'socket watch',
      run: () => runLoop(watching, log, { name: 'socket watch', every: WATCH_EVERY_MS, once }),
      stop: () => watching.stop(),
    };
  }

  #housekeeping(): Service {
    const { running, log, database } = this.#context;
    const keeping = running.child('sign-in housekeeping');
    const once = () => forgetExpiredSignIns(database);
    return {
      id: 'sign-in housekeeping',
      run: () => runLoop(keeping, log, { name: 'sign-in housekeeping', every: HOUSEKEEPING_EVERY_MS, once }),
      stop: () => keeping.stop(),
    };
  }

  /** Holds the port until the end; its drain sends everybody away in good order. */
  #portService(): Service {
    const running = this.#context.running.child('port');
    return {
      id: 'port',
      run: async () => {
        while (running.shouldRun()) await running.sleep(Number.POSITIVE_INFINITY);
      },
      drain: () => this.#sendAway(),
      stop: async () => {
        running.stop();
        this.#server.close();
        await this.#servers.close();
      },
    };
  }

  async #sendAway(): Promise<void> {
    this.#draining = true;
    this.#server.stopListening();
    const told = [...this.#sessions].filter((session) => session.identity !== undefined);
    for (const session of told) {
      const retryAfterMs = Math.round(Math.random() * SPREAD_RECONNECTS_MS);
      const payload = { reason: 'the gateway is being stopped', reconnect: true, retryAfterMs };
      session.push('closing', JSON.stringify(payload), performance.now());
    }
    const end = performance.now() + CLOSING_MS;
    while (performance.now() < end && told.some((session) => !session.closed && !session.window.isEmpty)) {
      await sleep(20);
    }
    for (const session of [...this.#sessions]) session.close('goingAway', 'the gateway is being stopped');
  }

  #tailHealth(): { state: HealthState; detail: string } {
    const { position, behindMs } = this.#tail;
    if (position === undefined) return { state: 'unready', detail: 'the change log was not read yet' };
    if (behindMs < MOST_BEHIND_MS) return { state: 'ok', detail: `read up to ${position.seq}` };
    return { state: 'unready', detail: `changes are known that were not read for ${Math.round(behindMs / 1000)} s` };
  }

  #userIdOf(address: string): string | undefined {
    for (const { config } of this.#servers.all) {
      const id = config.users[address];
      if (id !== undefined) return id;
    }
    return undefined;
  }

  #makeMetrics(): GatewayMetrics {
    const sum = (of: (session: Session) => number) => [...this.#sessions].reduce((total, one) => total + of(one), 0);
    return new GatewayMetrics(this.#context.metrics, {
      sockets: () => this.#sessions.size,
      subscriptions: () => sum((session) => (session.subscription === undefined ? 0 : 1)),
      dirty: () => sum((session) => session.subscription?.dirty.size ?? 0),
      behindSeconds: () => this.#tail.behindMs / 1000,
    });
  }
}
