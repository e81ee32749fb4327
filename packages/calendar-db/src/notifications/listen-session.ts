import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import pg from 'pg';
import pgListen, { type Subscriber } from 'pg-listen';
import { connectionConfig, type DatabaseOptions } from '../database/database.ts';
import { detectPooler } from './pooler.ts';

/** The connection that listened is gone, or notifications no longer come through it. */
export class ListenConnectionLostError extends Error {
  readonly code = 'listen-connection-lost';

  constructor(database: DatabaseOptions, what: string, options?: ErrorOptions) {
    super(`listening on ${database.host}:${database.port}/${database.database}: ${what}; trying again`, options);
    this.name = new.target.name;
  }
}

/** Sent to ourselves; listeners of other processes see it too and know by the id that it is not for them. */
interface Echo {
  readonly echo: string;
}

/**
 * One connection that listens. pg-listen sends LISTEN, keeps notifications apart and reads their payloads; its own
 * retrying is off, since it can be neither ended nor bounded: after a loss a session is destroyed and a new one made.
 */
export class ListenSession {
  readonly #database: DatabaseOptions;
  readonly #channels: readonly string[];
  readonly #id = randomUUID();
  readonly #subscriber: Subscriber;
  readonly #lost: Promise<never>;
  /** Who waits for which echo; told the Postgres session that sent it. */
  readonly #echoes = new Map<string, (sender: number) => void>();
  readonly #socket = new Socket();
  /** Of the Postgres session, as whoever we connected to says. */
  #pid: number | null = null;
  #poolerIsGood = false;
  #fail: (error: Error) => void = () => undefined;

  constructor(
    database: DatabaseOptions,
    channels: readonly string[],
    onNotification: (channel: string, payload: unknown) => void,
  ) {
    this.#database = database;
    this.#channels = channels;
    this.#lost = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#lost.catch(() => undefined);
    const config = connectionConfig({
      ...database,
      applicationName: `${database.applicationName ?? 'trueconf-calendar'} listen`,
    });
    const connection = new pg.Connection({ ...config, stream: () => this.#socket });
    connection.on('backendKeyData', ({ processID }: { processID: number }) => {
      this.#pid = processID;
    });
    // `connection` is taken by pg's Client: through it we learn whom we reached and can end it whatever pg waits for.
    const withConnection = { ...config, connection };
    this.#subscriber = pgListen.default(withConnection, {
      paranoidChecking: false,
      retryLimit: 1,
      parse: parsePayload,
    });
    this.#subscriber.events.on('error', (cause: Error) =>
      this.#fail(this.#lostBecause('the connection is gone', cause)),
    );
    this.#subscriber.events.on('notification', ({ channel, payload, processId }) => {
      if (isEcho(payload)) this.#echoes.get(`${channel} ${payload.echo}`)?.(processId);
      else onNotification(channel, payload);
    });
  }

  /** Connects and registers. Throws when that fails or takes longer than `timeoutMs`. */
  async open(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const opened = this.#subscriber
      .connect()
      .then(() => Promise.all(this.#channels.map((channel) => this.#subscriber.listenTo(channel))))
      .catch((cause: Error) => {
        throw this.#lostBecause(`cannot connect (${cause.message})`, cause);
      });
    await this.#bounded(opened, timeoutMs, signal, 'no connection');
  }

  /**
   * Sends a notification to itself on every channel and waits until each came back: proves the link in both directions
   * and the registration, whatever a pooler or a reset session did to it. Throws when that takes longer than `timeoutMs`.
   */
  async prove(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const echo = `${this.#id} ${Date.now()}`;
    const came = this.#channels.map(
      (channel) => new Promise<number>((resolve) => this.#echoes.set(`${channel} ${echo}`, resolve)),
    );
    const sent = this.#channels.map((channel) => this.#subscriber.notify(channel, { echo } satisfies Echo));
    const proven = Promise.all([Promise.all(came), ...sent]).then(([senders]) => this.#checkSenders(senders));
    try {
      await this.#bounded(proven, timeoutMs, signal, 'notifications do not arrive any more');
    } finally {
      this.#echoes.clear();
    }
  }

  /**
   * A pooler that hands sessions around may well return the echo of a NOTIFY together with its answer, and nothing
   * else ever: when somebody between us and Postgres gives sessions other names, it must be one that keeps them.
   */
  async #checkSenders(senders: readonly number[]): Promise<void> {
    if (this.#poolerIsGood || senders.every((sender) => sender === this.#pid)) return;
    const { problem } = await detectPooler(this.#database);
    if (problem !== null) throw this.#lostBecause(problem);
    this.#poolerIsGood = true;
  }

  /** Waits for so long; throws at once when the connection is lost meanwhile, returns when `signal` fires. */
  async lostWithin(ms: number, signal: AbortSignal): Promise<void> {
    await this.#bounded(new Promise<void>(() => undefined), ms, signal, null);
  }

  /** Ends the connection, answered or not. */
  destroy(): void {
    this.#subscriber.events.removeAllListeners('notification');
    this.#subscriber.close().catch(() => undefined);
    this.#socket.destroy();
  }

  /** Waits for `work`; a passed time is an error that `late` explains, or simply the end when `late` is null. */
  async #bounded(work: Promise<unknown>, ms: number, signal: AbortSignal, late: string | null): Promise<void> {
    work.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    let stop: () => void = () => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => (late === null ? resolve() : reject(this.#lostBecause(`${late} for ${ms} ms`))), ms);
      stop = () => resolve();
    });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      await Promise.race([work, ended, this.#lost]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  #lostBecause(what: string, cause?: Error): ListenConnectionLostError {
    return new ListenConnectionLostError(this.#database, what, cause ? { cause } : undefined);
  }
}

/** Anybody may send anything to a channel: what is not JSON is nothing to us. */
function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEcho(payload: unknown): payload is Echo {
  return typeof payload === 'object' && payload !== null && 'echo' in payload && typeof payload.echo === 'string';
}
