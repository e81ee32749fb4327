import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningState, Service } from 'worker-kit';
import type { Hub } from './connections/hub.ts';
import type { TrueConfServers } from './sign-in/trueconf-servers.ts';

/** How long clients have to acknowledge that the gateway is closing. */
const CLOSING_MS = 1_000;
/** Clients are asked to come back at different times within this. */
const SPREAD_RECONNECTS_MS = 2_000;
const REASON = 'the gateway is being stopped';

/** As much of the server as the port needs. */
interface ListeningServer {
  /** Accepts no further connections; those that are open stay. */
  stopListening(): void;
  /** Ends everything at once. */
  close(): void;
}

export interface GatewayPortOptions {
  readonly server: ListeningServer;
  readonly hub: Hub;
  readonly servers: TrueConfServers;
  readonly running: RunningState;
}

/** Holds the port until the end; its drain sends all clients away in good order. */
export class GatewayPort implements Service {
  readonly id = 'port';
  readonly #options: GatewayPortOptions;
  #draining = false;

  constructor(options: GatewayPortOptions) {
    this.#options = options;
  }

  /** The gateway is being stopped: it takes no more clients. */
  get draining(): boolean {
    return this.#draining;
  }

  async run(): Promise<void> {
    const { running } = this.#options;
    while (running.shouldRun()) await running.sleep(Number.POSITIVE_INFINITY);
  }

  /** Asks every client to come back, waits a moment for acknowledgements, and closes. */
  async drain(): Promise<void> {
    const { server, hub } = this.#options;
    this.#draining = true;
    server.stopListening();
    const asked = [...hub].filter((connection) => connection.identity !== undefined);
    for (const connection of asked) {
      const retryAfterMs = Math.round(Math.random() * SPREAD_RECONNECTS_MS);
      connection.push('closing', JSON.stringify({ reason: REASON, reconnect: true, retryAfterMs }), performance.now());
    }
    const end = performance.now() + CLOSING_MS;
    while (performance.now() < end && asked.some((connection) => !connection.isGone && !connection.window.isEmpty)) {
      await sleep(20);
    }
    for (const connection of hub) connection.close('goingAway', REASON);
  }

  /** Ends what is left, sign-ins under way too. */
  async stop(): Promise<void> {
    const { running, server, servers } = this.#options;
    running.stop();
    server.close();
    await servers.close();
  }
}
