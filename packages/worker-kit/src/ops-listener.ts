import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Health } from './health.ts';
import type { MetricsRegistry } from './metrics.ts';
import type { OpsRoutes } from './ops-routes.ts';

const SLOW_REQUEST_MS = 5_000;
const MOST_CONNECTIONS = 64;
const MOST_HEADER_BYTES = 8 * 1024;

export interface OpsListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly health: Health;
  readonly metrics: MetricsRegistry;
  readonly routes: OpsRoutes;
  /** First facts of `/ops`: kind, instance, version, uptime. */
  readonly identity: () => object;
}

/**
 * The operator's window into one worker: `/healthz` (200 or 503, for load balancers), `/readyz` (the checks behind it),
 * `/metrics` (Prometheus), `/ops` (state as JSON). Read only. It has no sign-in, so it belongs on the loopback address; a
 * request must name this machine or an IP address, so that a web page cannot read it through a name of its own (DNS
 * rebinding).
 */
export class OpsListener {
  readonly #options: OpsListenerOptions;
  readonly #server: Server;
  #address: string | null = null;

  constructor(options: OpsListenerOptions) {
    this.#options = options;
    this.#server = createServer(
      { maxHeaderSize: MOST_HEADER_BYTES, requestTimeout: SLOW_REQUEST_MS },
      (request, response) => {
        void this.#answer(request, response).catch(() => send(response, 500, 'text/plain', 'failed\n'));
      },
    );
    this.#server.headersTimeout = SLOW_REQUEST_MS;
    this.#server.keepAliveTimeout = SLOW_REQUEST_MS;
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** `host:port` while it listens, else null. */
  get address(): string | null {
    return this.#address;
  }

  /** @returns `host:port` @throws the system's error, such as EADDRINUSE; may be tried again */
  async listen(): Promise<string> {
    const { host, port } = this.#options;
    this.#server.listen({ host, port, exclusive: true });
    // Leaves no listener behind when it fails, however often it is tried.
    await once(this.#server, 'listening');
    const bound = this.#server.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    this.#address = `${isIP(host) === 6 ? `[${host}]` : host}:${boundPort}`;
    return this.#address;
  }

  async close(): Promise<void> {
    if (this.#address === null) return;
    this.#address = null;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#isOurHost(request.headers.host)) {
      return send(response, 403, 'text/plain', 'name this machine or its IP address in the URL\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(response, 405, 'text/plain', 'only GET\n', { allow: 'GET, HEAD' });
    }
    const { health, metrics, routes, identity } = this.#options;
    switch (request.url?.split('?')[0]) {
      case '/healthz': {
        const { ready } = health.report();
        return send(response, ready ? 200 : 503, 'text/plain', ready ? 'ok\n' : 'not ready\n');
      }
      case '/readyz': {
        const report = health.report();
        return sendJson(response, report.ready ? 200 : 503, report);
      }
      case '/metrics':
        return send(response, 200, metrics.contentType, await metrics.text());
      case '/ops':
        return sendJson(response, 200, { ...identity(), health: health.report(), ...(await routes.collect()) });
      default:
        return send(response, 404, 'text/plain', 'there are /healthz, /readyz, /metrics and /ops\n');
    }
  }

  #isOurHost(header: string | undefined): boolean {
    if (header === undefined || !URL.canParse(`http://${header}`)) return false;
    const name = new URL(`http://${header}`).hostname.replace(/^\[(.*)\]$/u, '$1').toLowerCase();
    const names = ['localhost', this.#options.host.toLowerCase(), hostname().toLowerCase()];
    return isIP(name) !== 0 || names.includes(name);
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  send(response, status, 'application/json', `${JSON.stringify(value, null, 2)}\n`);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Record<string, string> = {},
) {
  if (response.headersSent) return void response.destroy();
  const security = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  response.writeHead(status, { 'content-type': type, ...security, ...headers });
  response.end(text);
}
