import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on loopback that keeps what clients send until `release`. */
export class HoldingProxy {
  /** A client has sent something. */
  readonly asked: Promise<void>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #released: Promise<void>;
  #release: () => void = () => undefined;

  private constructor(target: URL) {
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
    let announce: () => void = () => undefined;
    this.asked = new Promise((resolve) => {
      announce = resolve;
    });
    this.#server = createServer((client) => {
      const server = connect(Number(target.port), target.hostname);
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => this.#sockets.delete(socket));
      }
      client.once('readable', () => {
        announce();
        void this.#released.then(() => client.pipe(server).pipe(client));
      });
    });
  }

  /** @param target `http://host:port` */
  static async start(target: string): Promise<HoldingProxy> {
    const proxy = new HoldingProxy(new URL(target));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections to both sides are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  release(): void {
    this.#release();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
