import { type CloseName, closeCode, type ErrorName, errorCode } from 'gateway-protocol';
import type { PeerSocket } from '../transport/transport.ts';
import { AckWindow } from './ack-window.ts';
import { RequestBudget } from './request-budget.ts';
import { type EventRange, Subscription } from './subscription.ts';
import { Turn } from './turn.ts';

/** Close code of a connection that ended without one (RFC 6455 §7.1.5). */
const ABNORMAL = closeCode('abnormal');

/** Who is signed in on a connection. */
export interface Identity {
  readonly serverId: string;
  /** TrueConf ID with its server. */
  readonly userId: string;
  /** Mailbox addresses that the user stands for. */
  readonly addresses: readonly string[];
  /** Unix ms by the database's clock. */
  readonly expiresAt: number;
}

/**
 * The people that a user stands for, as the cache names them: the canonical forms of `Identity.addresses`. Another object
 * takes its place when the answer may have changed.
 */
export interface Viewers {
  /** undefined until the database was asked. */
  readonly addresses: readonly string[] | undefined;
}

interface Opened {
  readonly kind: 'opened';
}

interface SignedIn {
  readonly kind: 'signedIn';
  readonly identity: Identity;
  readonly viewers: Viewers;
}

interface Subscribed {
  readonly kind: 'subscribed';
  readonly identity: Identity;
  readonly viewers: Viewers;
  readonly subscription: Subscription;
}

interface Gone {
  readonly kind: 'gone';
}

/** Each state has the values that exist in it and no others. States are never changed, only replaced. */
export type ConnectionState = Opened | SignedIn | Subscribed | Gone;

/** The connection ended while something was done for it. Nothing is left to do: the peer gets no answer. */
export class ConnectionGoneError extends Error {
  readonly code = 'connection-gone';

  constructor() {
    super('the connection ended while something was done for it');
    this.name = new.target.name;
  }
}

/** A method for users was called before a user had signed in. */
export class NotSignedInError extends Error {
  readonly code = 'not-signed-in';

  constructor() {
    super('no user has signed in on the connection');
    this.name = new.target.name;
  }
}

export interface ConnectionOptions {
  /** Names the connection in the log and to its client. */
  readonly id: string;
  readonly socket: PeerSocket;
  /** Steady milliseconds. */
  readonly now: number;
  /** Called once, when the connection has become `gone`, with the close code. */
  readonly onGone: (connection: Connection, code: number) => void;
}

/**
 * One WebSocket and what its client may get on it. The connection alone changes its state:
 *
 *     opened ──signIn──▶ signedIn ──subscribe──▶ subscribed
 *                           ▲──────unsubscribe──────┘
 *     any of them ──close, terminate, ended──▶ gone
 *
 * Nothing leads out of `gone`: there the methods that change the state do nothing, `signedIn` and `subscribe` throw
 * {@link ConnectionGoneError}, and nothing is sent. So code that waited while the connection ended need not check the state.
 *
 * `signIn` is for the {@link Hub}, which counts connections per user.
 */
export class Connection {
  readonly id: string;
  readonly socket: PeerSocket;
  readonly window = new AckWindow();
  readonly budget = new RequestBudget();
  readonly turn = new Turn();
  /** Steady milliseconds. */
  readonly openedAt: number;
  readonly #onGone: ConnectionOptions['onGone'];
  #state: ConnectionState = { kind: 'opened' };
  #heardAt: number;
  #pingedAt: number;
  #failedAuths = 0;
  #nextPushId = 1;

  constructor({ id, socket, now, onGone }: ConnectionOptions) {
    this.id = id;
    this.socket = socket;
    this.openedAt = now;
    this.#heardAt = now;
    this.#pingedAt = now;
    this.#onGone = onGone;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isGone(): boolean {
    return this.#state.kind === 'gone';
  }

  /** Who is signed in; undefined before that and after the end. */
  get identity(): Identity | undefined {
    return 'identity' in this.#state ? this.#state.identity : undefined;
  }

  get subscription(): Subscription | undefined {
    return this.#state.kind === 'subscribed' ? this.#state.subscription : undefined;
  }

  /** Canonical addresses of the people that the user stands for; undefined when they are not known (any more). */
  get viewers(): readonly string[] | undefined {
    return 'viewers' in this.#state ? this.#state.viewers.addresses : undefined;
  }

  /** When the peer was heard last, steady milliseconds. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** When the peer was heard or pinged last, steady milliseconds. */
  get silentSince(): number {
    return Math.max(this.#heardAt, this.#pingedAt);
  }

  /** Whether a push could go out now, and there is one. */
  get deliverable(): boolean {
    return this.subscription?.hasNews === true && this.window.isOpen;
  }

  /**
   * The state of a connection on which a user is signed in.
   *
   * @throws ConnectionGoneError
   * @throws NotSignedInError
   */
  signedIn(): SignedIn | Subscribed {
    if (this.#state.kind === 'gone') throw new ConnectionGoneError();
    if (this.#state.kind === 'opened') throw new NotSignedInError();
    return this.#state;
  }

  /**
   * Takes over who is signed in now. When the addresses are others than before, a subscriber has to start over.
   *
   * @returns whether the addresses are others
   */
  signIn(identity: Identity): boolean {
    if (this.#state.kind === 'gone') return false;
    this.#failedAuths = 0;
    const isSame = this.identity?.addresses.join() === identity.addresses.join();
    this.#state =
      this.#state.kind === 'opened'
        ? { kind: 'signedIn', identity, viewers: { addresses: undefined } }
        : { ...this.#state, identity };
    if (!isSame) this.startOver('the addresses of the user are others now');
    return !isSame;
  }

  /** Counts one token that was refused. @returns how many were since the last sign-in */
  countFailedAuth(): number {
    this.#failedAuths++;
    return this.#failedAuths;
  }

  /**
   * Takes over an answer of the database to who the user's people are.
   *
   * @param asked the object that was in the state when the question was put
   * @returns false when the answer is of no use: the question has changed since, or the connection ended
   */
  settleViewers(asked: Viewers, addresses: readonly string[]): boolean {
    if (!('viewers' in this.#state) || this.#state.viewers !== asked) return false;
    this.#state = { ...this.#state, viewers: { addresses } };
    return true;
  }

  /** What the user sees may have changed as a whole: who the people are is asked again, and a subscriber starts over. */
  startOver(reason: string): void {
    if (!('viewers' in this.#state)) return;
    this.#state = { ...this.#state, viewers: { addresses: undefined } };
    this.subscription?.startOver(reason);
  }

  /**
   * Begins to collect what changes in a range. An earlier subscription ends.
   *
   * @param now steady milliseconds
   * @returns the subscription; it is held until its `release`
   * @throws ConnectionGoneError
   * @throws NotSignedInError
   */
  subscribe(range: EventRange, now: number): Subscription {
    const { identity, viewers } = this.signedIn();
    const subscription = new Subscription(range, now);
    this.#state = { kind: 'subscribed', identity, viewers, subscription };
    return subscription;
  }

  /** Ends the subscription, if there is one. */
  unsubscribe(): void {
    if (this.#state.kind !== 'subscribed') return;
    const { identity, viewers } = this.#state;
    this.#state = { kind: 'signedIn', identity, viewers };
  }

  /** The peer gave a sign of life. @param now steady milliseconds */
  heard(now: number): void {
    this.#heardAt = now;
  }

  /** @param now steady milliseconds */
  ping(now: number): void {
    if (this.isGone) return;
    this.#pingedAt = now;
    this.socket.ping();
  }

  /**
   * Sends a push that has to be acknowledged.
   *
   * @param payload JSON text
   * @param now steady milliseconds
   */
  push(method: string, payload: string, now: number): void {
    if (this.isGone) return;
    const id = this.#nextPushId;
    this.#nextPushId = (id % 0xffff_ffff) + 1;
    const text = `{"type":1,"id":${id},"method":"${method}","payload":${payload}}`;
    this.window.sent(id, Buffer.byteLength(text), now);
    this.#send(text);
  }

  respond(id: number, payload: object): void {
    if (!this.isGone) this.#send(JSON.stringify({ type: 2, id, payload }));
  }

  refuse(id: number, name: ErrorName, description: string): void {
    this.respond(id, { errorCode: errorCode(name), errorDescription: description });
  }

  /** Ends the connection with one of the protocol's codes. */
  close(name: CloseName, reason: string): void {
    const code = closeCode(name);
    if (this.#leave(code)) this.socket.end(code, reason);
  }

  /** Drops the connection without a word. */
  terminate(): void {
    if (this.#leave(ABNORMAL)) this.socket.terminate();
  }

  /** The socket has ended, from either side. @param code 1006 when neither side gave one */
  ended(code: number): void {
    this.#leave(code);
  }

  /** The state goes first: what the socket calls while it ends finds the connection gone. */
  #leave(code: number): boolean {
    if (this.#state.kind === 'gone') return false;
    this.#state = { kind: 'gone' };
    this.#onGone(this, code);
    return true;
  }

  #send(text: string): void {
    if (this.socket.send(text) === 'dropped') this.close('tooSlow', 'the socket takes too little');
  }
}
