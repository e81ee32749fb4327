import type { GatewayLimits } from 'connector-config';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { Connection } from './connection.ts';
import type { Hub } from './hub.ts';

const WATCH_EVERY_MS = 1_000;
const ACKNOWLEDGE_WITHIN_MS = 30_000;

/** What time it is, by both clocks. */
export interface WatchTime {
  /** Steady milliseconds. */
  readonly steady: number;
  /** Unix ms by the database's clock. */
  readonly database: number;
}

export interface ConnectionWatchOptions {
  readonly hub: Hub;
  readonly limits: () => GatewayLimits;
  /** A push is due on a connection. */
  readonly onNews: (connection: Connection) => void;
  readonly running: RunningState;
  readonly log: Logger;
  /** Unix ms by the database's clock. */
  readonly databaseNow: () => number;
}

/** Looks after all connections, once a second. */
export class ConnectionWatch implements Service {
  readonly id = 'connection watch';
  readonly #options: ConnectionWatchOptions;

  constructor(options: ConnectionWatchOptions) {
    this.#options = options;
  }

  run(): Promise<void> {
    const { running, log } = this.#options;
    return runLoop(running, log, { name: this.id, every: WATCH_EVERY_MS, once: async () => this.#watchAll() });
  }

  stop(): void {
    this.#options.running.stop();
  }

  #watchAll(): void {
    const { hub, limits, onNews, databaseNow } = this.#options;
    const now = { steady: performance.now(), database: databaseNow() };
    for (const connection of hub) {
      if (watchConnection(connection, limits(), now)) onNews(connection);
    }
  }
}

/**
 * Looks after one connection: ends it when its time is over in one way or another, pings it when it is silent, and has a
 * quiet subscriber get a fresh position.
 *
 * @returns whether a push is due
 */
export function watchConnection(connection: Connection, limits: GatewayLimits, now: WatchTime): boolean {
  const end = endOf(connection, limits, now);
  if (end !== undefined) {
    end();
    return false;
  }
  if (now.steady - connection.silentSince >= limits.pingSeconds * 1000) connection.ping(now.steady);
  return connection.subscription?.isPositionDue(now.steady) ?? false;
}

/** How it has to end now, if it has to. */
function endOf(connection: Connection, limits: GatewayLimits, now: WatchTime): (() => void) | undefined {
  const { identity, window } = connection;
  if (now.steady - connection.heardAt >= limits.idleSeconds * 1000) return () => connection.terminate();
  if (identity === undefined && now.steady - connection.openedAt >= limits.authSeconds * 1000) {
    return () => connection.close('authTimeout', `no successful auth within ${limits.authSeconds} s`);
  }
  if (identity !== undefined && now.database >= identity.expiresAt) {
    return () => connection.close('notAuthorized', 'the token has expired');
  }
  if (window.fullSince !== undefined && now.steady - window.fullSince >= ACKNOWLEDGE_WITHIN_MS) {
    return () => connection.close('tooSlow', 'pushes were not acknowledged');
  }
  return undefined;
}
