import { TrueConfError } from './trueconf-error.ts';

export interface TrueConfClientOptions {
  /** Server id from the configuration, with or without `#vcs`; it names the server in errors and shortens user ids. */
  serverId: string;
  /** Base address, `https://host[:port]`; plain `http` only makes sense for tests and a local proxy. */
  url: string;
  clientId: string;
  clientSecret: string;
  /** PEM certificates trusted besides the system's. */
  ca?: string;
  /**
   * Limit in ms for one HTTP request as a whole: waiting for a connection, sending, reading the answer. Default
   * 10 000. It starts after `beforeSend`; a token that is needed first, and the one repetition after an expired token,
   * have their own.
   */
  timeoutMs?: number;
  /** Most connections open at once. Default 10. */
  connections?: number;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Replaces the client's `timeoutMs` for this call. */
  timeoutMs?: number | undefined;
  /**
   * Runs when the token is at hand, right before the request is handed to a connection, and again before its one
   * repetition after an expired token. What it throws is passed on as it is, and nothing is sent.
   */
  beforeSend?: (() => void | Promise<void>) | undefined;
}

/** @throws TrueConfError `trueconf-bad-url` or `trueconf-bad-input`. */
export function checkOptions(options: TrueConfClientOptions): { origin: string; connections: number } {
  const where = `TrueConf Server ${options.serverId}`;
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.pathname.replace(/\/$/, '') !== ''
  ) {
    const message = `${where}: the address has to be https://host or https://host:port, without path or password`;
    throw new TrueConfError(message, { code: 'trueconf-bad-url', errorClass: 'config', sent: 'no' });
  }
  const connections = options.connections ?? 10;
  if (!Number.isInteger(connections) || connections < 1) {
    const message = `${where}: connections has to be a whole number from 1, not ${connections}`;
    throw new TrueConfError(message, { code: 'trueconf-bad-input', errorClass: 'config', sent: 'no' });
  }
  return { origin: url.origin, connections };
}
