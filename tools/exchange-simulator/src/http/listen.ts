import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const RETRY_MS = 50;

/** A listening server. */
export interface Listening {
  readonly port: number;
  /** Cuts all connections and frees the port. */
  close(): Promise<void>;
  /** Cuts all connections, refuses new ones for `downMs`, and listens again on the same port. */
  restart(downMs: number): void;
}

/**
 * Listens for HTTP, or HTTPS with `tls`.
 *
 * @throws the socket error when the port cannot be had
 */
export async function listen(
  handler: Handler,
  options: { host: string; port: number; tls?: { key: string; cert: string } | undefined },
): Promise<Listening> {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => {});
    handler(request, response).catch(() => response.destroy());
  };
  const server: Server = options.tls === undefined ? createServer(onRequest) : createTlsServer(options.tls, onRequest);
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  let comeback: NodeJS.Timeout | undefined;
  let closed = false;
  const listenAgain = () => {
    if (!closed && !server.listening) server.listen(port, options.host);
  };
  // Somebody else may hold the port for a moment.
  server.on('error', () => {
    comeback = setTimeout(listenAgain, RETRY_MS);
  });
  const shut = (done?: () => void) => {
    clearTimeout(comeback);
    server.close(done);
    server.closeAllConnections();
  };
  return {
    port,
    close: () => {
      closed = true;
      return new Promise((resolve) => shut(() => resolve()));
    },
    restart: (downMs) => {
      shut();
      comeback = setTimeout(listenAgain, downMs);
    },
  };
}
