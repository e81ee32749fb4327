import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What a proxy does with connections and bytes. */
type Mode = 'forward' | 'swallow' | 'refuse';

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes were lost on it: it stays silent for ever, as a half-open connection does. */
  deaf: boolean;
  /** Bytes from the server that the client shall not see, after something was slipped in. */
  hide: number;
}

/**
 * A TCP proxy on loopback that fails as networks do: it cuts connections, refuses them, or keeps them open and says
 * nothing any more, which neither end can tell from a quiet peer.
 *
 * @example
 * const proxy = await SwallowingProxy.start({ host: '127.0.0.1', port: 5432 });
 * proxy.swallow(); // everything that is connected, or connects now, meets silence
 * proxy.forward(); // new connections work; those that lost bytes stay silent
 */
export class SwallowingProxy {
  readonly host = '127.0.0.1';
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #mode: Mode = 'forward';

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Starts a proxy in front of `target` on a free port, in the mode `forward`. */
  static async start(target: { readonly host: string; readonly port: number }): Promise<SwallowingProxy> {
    const proxy = new SwallowingProxy(target);
    proxy.#server.listen(0, proxy.host);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#links.size;
  }

  /** New connections work again. */
  forward(): void {
    this.#mode = 'forward';
  }

  /** All connections stay open and fall silent in both directions, new ones too. */
  swallow(): void {
    this.#mode = 'swallow';
    for (const link of this.#links) link.deaf = true;
  }

  /** New connections are closed at once, those that exist are cut. */
  refuse(): void {
    this.#mode = 'refuse';
    this.cut();
  }

  /** Resets all connections that exist. */
  cut(): void {
    for (const link of this.#links) {
      link.client.resetAndDestroy();
      link.server.resetAndDestroy();
    }
  }

  /** Sends `bytes` to the server as if every client had, and keeps the next `hide` bytes of its answer from them. */
  slipIn(bytes: Uint8Array, hide: number): void {
    for (const link of this.#links) {
      link.hide += hide;
      link.server.write(bytes);
    }
  }

  async close(): Promise<void> {
    this.refuse();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.#target.port, this.#target.host);
    const link: Link = { client, server, deaf: this.#mode === 'swallow', hide: 0 };
    this.#links.add(link);
    client.on('data', (bytes) => link.deaf || server.write(bytes));
    server.on('data', (bytes) => {
      const hidden = Math.min(link.hide, bytes.length);
      link.hide -= hidden;
      if (!link.deaf && hidden < bytes.length) client.write(bytes.subarray(hidden));
    });
    client.on('end', () => link.deaf || server.end());
    server.on('end', () => link.deaf || client.end());
    client.on('error', () => server.destroy());
    server.on('error', () => link.deaf || client.destroy());
    client.on('close', () => {
      this.#links.delete(link);
      server.destroy();
    });
  }
}
