import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ApiHandler } from './api-handler.ts';
import { handleControl } from './control-api.ts';
import { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import { ServerState } from './server-state.ts';
import { SimulatorControl } from './simulator-control.ts';
import { defaultOAuthApp, type TrueConfSimulatorOptions } from './simulator-options.ts';
import { WallClock } from './wall-clock.ts';

export interface TrueConfSimulator {
  /** Base address of the REST API, without a slash at the end. */
  readonly url: string;
  /** Base address of the control API, `http://host:port/control`. */
  readonly controlUrl: string;
  readonly serverId: string;
  /** What the control API does, for tests in the same process. */
  readonly control: SimulatorControl;
  /** Cuts every connection and stops both listeners. */
  close(): Promise<void>;
}

/**
 * Starts a TrueConf Server API double with an own control API.
 *
 * @throws the listen error (`EADDRINUSE`, `EACCES`, ...) when a port cannot be taken.
 */
export async function startTrueConfSimulator(options: TrueConfSimulatorOptions = {}): Promise<TrueConfSimulator> {
  const host = options.host ?? '127.0.0.1';
  const clock = new WallClock();
  const now = () => clock.now();
  const state = new ServerState({
    serverId: options.serverId ?? 'conf.example',
    users: options.users ?? [],
    oauthApps: options.oauthApps ?? [defaultOAuthApp],
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 3600,
    now,
  });
  const journal = new Journal(options.journalSize ?? 100_000, options.journalFile, (error) => {
    process.stderr.write(`trueconf-simulator: journal file: ${error.message}\n`);
  });
  const faults = new Faults();
  const api = new ApiHandler(state, journal, faults, now);
  const apiServer = createApiServer(options.tls, (request, response) => {
    void api.handle(request, response);
  });
  const port = await listen(apiServer, host, options.port ?? 0);
  state.publicUrl = address(options.tls ? 'https' : 'http', host, port);

  const control = new SimulatorControl({
    state,
    journal,
    faults,
    routeNames: api.routeNames,
    isOnline: () => apiServer.listening,
    setOnline: async (online) => {
      if (online && !apiServer.listening) await listen(apiServer, host, port);
      if (!online) await stopListening(apiServer);
    },
  });
  const controlServer = createServer((request, response) => void handleControl(control, request, response));
  const controlPort = await listen(controlServer, host, options.controlPort ?? 0).catch(async (error: unknown) => {
    await stopListening(apiServer);
    throw error;
  });

  return {
    url: state.publicUrl,
    controlUrl: `${address('http', host, controlPort)}/control`,
    serverId: state.serverId,
    control,
    async close() {
      faults.clear();
      await Promise.all([stopListening(apiServer), stopListening(controlServer)]);
      state.conferences.clear();
      await journal.close();
    },
  };
}

function createApiServer(tls: TrueConfSimulatorOptions['tls'], listener: RequestListener): Server {
  // As a web server in front would: idle connections live over a minute.
  const limits = { keepAliveTimeout: 75_000 };
  return tls ? createTlsServer({ ...limits, ...tls }, listener) : createServer(limits, listener);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

function address(scheme: string, host: string, port: number): string {
  const reachable =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${reachable}:${port}`;
}
