import { randomBytes } from 'node:crypto';
import type { LogPosition } from 'calendar-db/changes';
import type { Queryable } from 'calendar-db/database';
import { type ConnectorConfig, SecretKey, type TrueConfServerConfig } from 'connector-config';
import { MetricsRegistry, RunningState } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import { acceptSocket } from '../connections/accept-socket.ts';
import type { Connection } from '../connections/connection.ts';
import { Hub } from '../connections/hub.ts';
import { Deliveries } from '../delivery/deliveries.ts';
import { EventReader } from '../delivery/event-reader.ts';
import { Resumes } from '../delivery/resumes.ts';
import { Router } from '../delivery/router.ts';
import { GatewayMetrics } from '../gateway-metrics.ts';
import type { MethodServices } from '../methods/method-services.ts';
import { RequestHandler } from '../methods/request-handler.ts';
import { AccessTokens } from '../sign-in/access-tokens.ts';
import { BadTokenLimit } from '../sign-in/bad-token-limit.ts';
import { ServerSet, type UserSource } from '../sign-in/server-set.ts';
import type { PeerSocket, SocketHandler } from '../transport/transport.ts';
import { type OnPoint, withSuspensionPoints } from './suspension-points.ts';

const SERVER_ID = 'conf.example';
const config = {
  gateway: {
    auth: ['token'],
    limits: {
      failedLoginsPerAddress: 1_000,
      requestsPerSecond: 1_000,
      requestBurst: 1_000,
      rangeMonths: 13,
      pageEvents: 500,
    },
  },
  privacy: { viewers: 'users' },
  cache: { backward: 1, forward: 1 },
} as unknown as ConnectorConfig;
const serverConfig = { serverId: SERVER_ID, addressDomains: ['corp.example'], users: {} };

/**
 * All that serves connections, without port, listener and worker: hub, methods and deliveries on a real database. The log
 * is moved by hand.
 */
export class ServedConnections {
  /** One connection per user. */
  readonly hub = new Hub(() => ({ sockets: 100, socketsPerUser: 1 }));
  readonly log = new CapturedLog();
  readonly router: Router;
  readonly deliveries: Deliveries;
  readonly #running: RunningState;
  readonly #tokens: AccessTokens;
  readonly #requests: RequestHandler;
  #runs: Promise<void> = Promise.resolve();
  position: LogPosition = { epoch: 'e', seq: 1 };

  /** @param onPoint runs at each suspension point of methods and deliveries */
  constructor(database: Queryable, onPoint: OnPoint) {
    const log = this.log.logger();
    this.#running = new RunningState('test', log);
    this.#tokens = new AccessTokens(new SecretKey(randomBytes(32)), Date.now);
    const metrics = new GatewayMetrics(new MetricsRegistry(), this.hub, () => 0);
    const servers = new ServerSet([{ config: serverConfig as unknown as TrueConfServerConfig, users: noUsers }]);
    const services = withSuspensionPoints(
      {
        config: () => config,
        database,
        tail: this.#tail(),
        hub: this.hub,
        reader: new EventReader({ database, rules: () => ({ participants: false }), userIdOf: () => undefined }),
        resumes: new Resumes(database, () => this.position.seq),
        servers: { current: servers },
        tokens: this.#tokens,
        badTokens: new BadTokenLimit(),
        log,
        databaseNow: Date.now,
      } as unknown as MethodServices,
      onPoint,
    );
    this.deliveries = new Deliveries({
      reader: services.reader,
      position: () => this.position,
      pageEvents: () => 500,
      running: this.#running,
      log,
      metrics,
      databaseNow: Date.now,
    });
    const onNews = (connection: Connection) => this.deliveries.schedule(connection);
    this.router = new Router({ hub: this.hub, dirtyLimit: () => 100, onNews });
    this.#requests = new RequestHandler({ services, metrics, onFree: onNews });
  }

  run(): void {
    this.#runs = this.deliveries.run();
  }

  async stop(): Promise<void> {
    this.deliveries.stop();
    await this.#runs;
  }

  /** A token of a user of `conf.example` for these addresses. */
  async token(userId: string, addresses: readonly string[]): Promise<string> {
    const holder = { serverId: SERVER_ID, userId: `${userId}@${SERVER_ID}`, addresses };
    return (await this.#tokens.issue(holder)).token;
  }

  /** Opens a connection as the transport does. */
  accept(socket: PeerSocket): SocketHandler {
    return acceptSocket(
      {
        hub: this.hub,
        isDraining: () => false,
        receive: (connection, text) => this.#requests.receive(connection, text),
        onGone: (connection) => this.deliveries.forget(connection),
      },
      socket,
    );
  }

  #tail() {
    const position = () => this.position;
    return {
      get position() {
        return position();
      },
      ready: async () => position(),
      reach: async () => position(),
    };
  }
}

const noUsers: UserSource = {
  verifyPassword: async () => null,
  findUsersByEmail: async () => [],
  getUser: async () => null,
  close: async () => undefined,
};
