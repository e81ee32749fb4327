import type { ConnectorConfig } from 'connector-config';
import { closeCodes, TOKEN_PATH } from 'gateway-protocol';
import type { Logger, StartedWorker, WorkerContext } from 'worker-kit';
import { acceptSocket } from './connections/accept-socket.ts';
import { ConnectionWatch } from './connections/connection-watch.ts';
import { Hub } from './connections/hub.ts';
import { ChangeTail } from './delivery/change-tail.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { EventReader } from './delivery/event-reader.ts';
import { Resumes } from './delivery/resumes.ts';
import { Router } from './delivery/router.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { GatewayPort } from './gateway-port.ts';
import { RequestHandler } from './methods/request-handler.ts';
import { AccessTokens } from './sign-in/access-tokens.ts';
import { BadTokenLimit } from './sign-in/bad-token-limit.ts';
import { LoginGuard } from './sign-in/login-guard.ts';
import { reviewIdentity } from './sign-in/review-identity.ts';
import { SignInHousekeeping } from './sign-in/sign-in-housekeeping.ts';
import { TokenEndpoint } from './sign-in/token-endpoint.ts';
import { TrueConfServers, trueConfClients } from './sign-in/trueconf-servers.ts';
import { UwsServer } from './transport/uws-server.ts';

/**
 * Wires the gateway and listens.
 *
 * @throws PortTakenError
 * @throws TlsUnusableError
 */
export function assemble(context: WorkerContext): StartedWorker {
  const { database, listener, running, log, clock, health, key } = context;
  const config = () => context.config;
  const limits = () => context.config.gateway.limits;
  const databaseNow = () => clock.now();

  // Who is connected.
  const hub = new Hub(limits);
  const metrics = new GatewayMetrics(context.metrics, hub, () => tail.behindMs / 1000);

  // Who may sign in.
  const servers = new TrueConfServers(
    trueConfClients(() => context.key),
    log,
  );
  servers.prepare(context.config)();
  warnOfSignIn(context.config, servers, log);
  const tokens = new AccessTokens(key, databaseNow);
  const guard = new LoginGuard(database, key, limits);
  const tokenConfig = () => context.config.gateway;
  const endpoint = new TokenEndpoint({ database, servers, tokens, guard, config: tokenConfig, log, metrics });

  // From the change log to the clients.
  const reader = new EventReader({
    database,
    rules: () => ({ participants: context.config.privacy.viewers === 'participants' }),
    userIdOf: (address) => servers.current.userIdOf(address),
  });
  const deliveries = new Deliveries({
    reader,
    position: () => tail.position,
    pageEvents: () => limits().pageEvents,
    running: running.child('deliveries'),
    log,
    metrics,
    databaseNow,
  });
  const router = new Router({
    hub,
    dirtyLimit: () => limits().dirtyEvents,
    onNews: (connection) => deliveries.schedule(connection),
  });
  const tail = new ChangeTail({
    database,
    listener,
    running: running.child('change tail'),
    log,
    safetyPollMs: () => context.config.gateway.safetyPollMs,
    onRows: (rows) => router.route(rows),
    onBreak: (reason) => router.startOver(reason),
  });
  health.computed('change-log', () => tail.health());

  // What clients ask.
  const resumes = new Resumes(database, () => tail.position?.seq ?? 0);
  const badTokens = new BadTokenLimit();
  const requests = new RequestHandler({
    services: { config, database, tail, hub, reader, resumes, servers, tokens, badTokens, log, databaseNow },
    metrics,
    onFree: (connection) => deliveries.schedule(connection),
  });

  // The port.
  const { host, sharePort, tls } = context.config.gateway;
  const live = () => ({
    trustedProxies: context.config.gateway.trustedProxies,
    frameBytes: limits().frameBytes,
  });
  const server = new UwsServer(
    { host, port: context.config.wsPort, sharePort, tls, live },
    {
      open: (socket) =>
        acceptSocket(
          {
            hub,
            isDraining: () => port.draining,
            receive: (connection, text) => requests.receive(connection, text),
            onGone: (connection, code) => {
              deliveries.forget(connection);
              metrics.closes.inc({ code: closeCodes.some((entry) => entry.code === code) ? String(code) : 'other' });
              log.debug('gateway.socket-gone', 'a socket ended', { connection: connection.id, code });
            },
          },
          socket,
        ),
      posts: { [TOKEN_PATH]: (request) => endpoint.handle(request) },
      healthy: () => !port.draining && health.report().ready,
      onDefect: (error) => log.error('gateway.defect', 'a defect was survived', { error }),
    },
  );
  const port = new GatewayPort({ server, hub, servers, running: running.child('port') });
  const listensOn = server.listen();
  log.info('gateway.listening', 'clients may connect', { host: host || '*', port: listensOn });
  context.ops.add('gateway', () => ({
    port: listensOn,
    sockets: hub.size,
    users: hub.users,
    watchedAddresses: hub.addresses,
    position: tail.position ?? null,
  }));

  const watch = new ConnectionWatch({
    hub,
    limits,
    onNews: (connection) => deliveries.schedule(connection),
    running: running.child('connection watch'),
    log,
    databaseNow,
  });
  const housekeeping = new SignInHousekeeping({ database, running: running.child('sign-in housekeeping'), log });

  return {
    services: [tail, deliveries, watch, housekeeping, port],
    prepareReload: (next) => {
      const commitServers = servers.prepare(next.config);
      return () => {
        commitServers();
        for (const connection of hub) {
          if (reviewIdentity(connection, servers.current, hub)) deliveries.schedule(connection);
        }
        warnOfSignIn(context.config, servers, log);
      };
    },
  };
}

/** Says what an operator should know about signing in by this config. */
function warnOfSignIn(config: ConnectorConfig, servers: TrueConfServers, log: Logger): void {
  if (config.gateway.allowCleartext) {
    const warning = 'gateway.allowCleartext is on: passwords of other machines may cross the network unencrypted';
    log.warn('gateway.cleartext', warning);
  }
  if (servers.current.all.length === 0) {
    const warning = 'nobody can sign in: no server of trueconfServers is usable and in productWhitelist.tcs';
    log.warn('gateway.nobody-can-sign-in', warning);
  }
}
