import type { CalendarEvent } from '../calendar-event.ts';
import { describeCloseCode } from '../close-codes.ts';
import type { MethodPayload, MethodReply, PushPayload } from '../methods.ts';
import type { CalendarClientEvents, CalendarClientOptions, EventRange, SignedIn } from './calendar-client-options.ts';
import { type ClientEvent, type ClientState, nextClientState } from './client-state.ts';
import { Connection, type Push } from './connection.ts';
import { type ClientClock, reconnectDelayMs, systemClock, type WebSocketConstructor } from './environment.ts';
import { type EventChanges, EventStore } from './event-store.ts';
import { ConnectionLostError, GatewayRefusedError } from './gateway-error.ts';

/** Sign-ins refused in a row after which a client stops: more would only count against the user. */
const MOST_REFUSED_SIGN_INS = 3;
/** A fresh token is sent when this share of the old one's life has passed. */
const RENEW_AFTER = 0.9;
const RENEWAL_RETRY_MS = 10_000;
/** Timers of browsers and Node count in 32 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Listeners = { readonly [T in keyof CalendarClientEvents]: Set<(value: CalendarClientEvents[T]) => void> };

/**
 * Holds a calendar and keeps it true: connects, signs in, subscribes, applies and acknowledges pushes, and after any
 * loss comes back and continues from its position. Runs in browsers and in Node 22.
 *
 * @example
 * const client = new CalendarClient({ url, getToken: () => token, range: () => ({ from, to }) });
 * client.on('change', ({ upserted, removed }) => show(client.events));
 * client.start();
 */
export class CalendarClient {
  readonly #options: CalendarClientOptions;
  readonly #clock: ClientClock;
  readonly #random: () => number;
  readonly #store: EventStore;
  readonly #listeners: Listeners = {
    change: new Set(),
    state: new Set(),
    signedIn: new Set(),
    problem: new Set(),
    closing: new Set(),
  };
  #state: ClientState = 'stopped';
  #connection: Connection | undefined;
  #cancelTimer: () => void = () => undefined;
  #attempt = 0;
  #refusedSignIns = 0;
  #closing: PushPayload<'closing'> | undefined;
  #subscribedRange: string | undefined;
  /** Numbers attempts and subscriptions, so that the answer to an abandoned one is recognized. */
  #generation = 0;

  constructor(options: CalendarClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#store = new EventStore(options.events ?? [], options.position);
    if (options.position !== undefined) this.#subscribedRange = JSON.stringify(this.#range());
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The events by id, in the newest state that was told. */
  get events(): ReadonlyMap<string, CalendarEvent> {
    return this.#store.events;
  }

  /** Keep it, with the events, to continue after a restart of the program. */
  get position(): string | undefined {
    return this.#store.position;
  }

  /** Registers a listener; calling what it returns removes it again. */
  on<T extends keyof CalendarClientEvents>(type: T, listener: (value: CalendarClientEvents[T]) => void): () => void {
    this.#listeners[type].add(listener);
    return () => this.#listeners[type].delete(listener);
  }

  /** Begins, or cuts a wait short, for example when the network is back. */
  start(): void {
    const before = this.#state;
    if (this.#go('start') === 'connecting' && before !== 'connecting') void this.#connect();
  }

  stop(): void {
    this.#go('stop');
    this.#disconnect();
  }

  /** Subscribes anew because `range()` now answers something else. */
  rangeChanged(): void {
    if (this.#state === 'live' || this.#state === 'subscribing') void this.#subscribe('resubscribe');
  }

  getEvents(query: MethodPayload<'getEvents'>): Promise<MethodReply<'getEvents'>> {
    return this.#live().request('getEvents', query);
  }

  getEventById(query: MethodPayload<'getEventById'>): Promise<MethodReply<'getEventById'>> {
    return this.#live().request('getEventById', query);
  }

  #live(): Connection {
    if (this.#connection === undefined) throw new ConnectionLostError('there is no connection to the gateway now');
    return this.#connection;
  }

  #range(): EventRange {
    return this.#options.range?.() ?? {};
  }

  async #connect(): Promise<void> {
    this.#cancelTimer();
    this.#closing = undefined;
    const generation = ++this.#generation;
    try {
      const token = await this.#options.getToken();
      if (generation !== this.#generation || this.#state !== 'connecting') return;
      const Socket = this.#options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor);
      const connection = new Connection(String(this.#options.url), Socket, this.#clock, {
        opened: () => void this.#authenticate(token),
        push: (push, receivedAt) => this.#receive(push, receivedAt),
        closed: (code, reason, problem) => {
          if (connection === this.#connection) this.#closed(code, reason, problem);
        },
      });
      this.#connection = connection;
    } catch (error) {
      if (generation === this.#generation) this.#lose(asError(error), 0);
    }
  }

  async #authenticate(token: string): Promise<void> {
    if (this.#go('opened') !== 'authenticating') return;
    const connection = this.#live();
    try {
      const signedIn = await connection.request('auth', { token, tokenType: 'JWT' });
      if (connection !== this.#connection) return;
      this.#refusedSignIns = 0;
      this.#renewAfter(connection, renewalDelayMs(signedIn));
      this.#emit('signedIn', signedIn);
      await this.#subscribe('authenticated');
    } catch (error) {
      connection.fail(asError(error));
    }
  }

  async #subscribe(event: 'authenticated' | 'resubscribe'): Promise<void> {
    if (this.#go(event) !== 'subscribing') return;
    const connection = this.#live();
    const range = this.#range();
    const rangeText = JSON.stringify(range);
    if (rangeText !== this.#subscribedRange) this.#store.forgetPosition();
    this.#subscribedRange = rangeText;
    const generation = ++this.#generation;
    const { position } = this.#store;
    const query = position === undefined ? range : { ...range, position };
    try {
      await connection.request('subscribeEvents', query, (reply) => {
        if (connection !== this.#connection || generation !== this.#generation) return;
        this.#attempt = 0;
        this.#go('subscribed');
        this.#tell(this.#store.applySubscription(reply), this.#clock.now());
      });
    } catch (error) {
      connection.fail(asError(error));
    }
  }

  #receive(push: Push, receivedAt: number): void {
    if (push.method === 'updateEvents') this.#tell(this.#store.applyUpdate(push.payload), receivedAt);
    else if (push.method === 'closing') {
      this.#closing = push.payload;
      this.#emit('closing', push.payload);
    } else {
      this.#store.forgetPosition();
      void this.#subscribe('resubscribe');
    }
  }

  /** A failed renewal is tried again while the connection stands; the gateway closes it when the token expires. */
  #renewAfter(connection: Connection, delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(Math.min(Math.max(delayMs, 1_000), LONGEST_TIMER_MS), async () => {
      try {
        const token = await this.#options.getToken();
        if (connection !== this.#connection) return;
        const signedIn = await connection.request('auth', { token, tokenType: 'JWT' });
        if (connection === this.#connection) this.#renewAfter(connection, renewalDelayMs(signedIn));
      } catch (error) {
        if (connection !== this.#connection) return;
        this.#emit('problem', asError(error));
        this.#renewAfter(connection, RENEWAL_RETRY_MS);
      }
    });
  }

  #closed(code: number, reason: string, problem: Error | undefined): void {
    const { reconnect, minDelayMs, name } = describeCloseCode(code);
    const cause =
      problem ?? new ConnectionLostError(`the gateway closed the connection with ${code} (${name}) ${reason}`);
    const signInRefused = reconnect === 'newToken' || (cause instanceof GatewayRefusedError && isSignInRefusal(cause));
    if (signInRefused) this.#refusedSignIns++;
    const final =
      reconnect === 'no' || this.#closing?.reconnect === false || this.#refusedSignIns >= MOST_REFUSED_SIGN_INS;
    if (final) this.#refuse(cause);
    else this.#lose(cause, Math.max(minDelayMs, this.#closing?.retryAfterMs ?? 0));
  }

  #refuse(problem: Error): void {
    this.#go('refused');
    this.#disconnect();
    this.#emit('problem', problem);
  }

  #lose(problem: Error, minDelayMs: number): void {
    if (this.#go('lost') !== 'waiting') return;
    this.#disconnect();
    const delay = Math.max(minDelayMs, reconnectDelayMs(this.#attempt++, this.#random()));
    this.#cancelTimer = this.#clock.after(delay, () => {
      if (this.#go('delayElapsed') === 'connecting') void this.#connect();
    });
    this.#emit('problem', problem);
  }

  #disconnect(): void {
    this.#generation++;
    this.#cancelTimer();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
  }

  #tell(changes: EventChanges, receivedAt: number): void {
    this.#emit('change', { ...changes, receivedAt });
  }

  #go(event: ClientEvent): ClientState {
    const next = nextClientState(this.#state, event);
    if (next !== this.#state) {
      this.#state = next;
      this.#emit('state', next);
    }
    return next;
  }

  /** A listener that throws is its owner's fault and must not cost the others their news; it surfaces on its own. */
  #emit<T extends keyof CalendarClientEvents>(type: T, value: CalendarClientEvents[T]): void {
    for (const listener of [...this.#listeners[type]]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function isSignInRefusal(refusal: GatewayRefusedError): boolean {
  return refusal.method === 'auth' && refusal.errorCode >= 200 && refusal.errorCode < 300;
}

function renewalDelayMs(signedIn: SignedIn): number {
  return (signedIn.expiresAt - signedIn.serverTime) * RENEW_AFTER;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
