import { type CloseName, closeCode, type ErrorName, errorCode } from 'gateway-protocol';
import type { PeerSocket } from '../transport/transport.ts';
import { AckWindow } from './ack-window.ts';
import { RequestBudget } from './request-budget.ts';
import type { Subscription } from './subscription.ts';
import { Turn } from './turn.ts';

/** Who signed in on a socket. */
export interface Identity {
  readonly serverId: string;
  /** TrueConf ID with its server. */
  readonly userId: string;
  /** Mailbox addresses that he stands for. */
  readonly addresses: readonly string[];
  /** Unix ms by the database's clock. */
  readonly expiresAt: number;
}

/** One WebSocket and everything that is known of it. */
export class Session {
  readonly id: string;
  readonly socket: PeerSocket;
  readonly window = new AckWindow();
  readonly budget = new RequestBudget();
  readonly turn = new Turn();
  /** Steady milliseconds. */
  readonly openedAt: number;
  heardAt: number;
  pingedAt: number;
  identity: Identity | undefined;
  /** Canonical forms of `identity.addresses`; undefined until looked up, and again when an alias was learned. */
  viewers: readonly string[] | undefined;
  subscription: Subscription | undefined;
  failedAuths = 0;
  #nextPushId = 1;

  constructor(id: string, socket: PeerSocket, now: number) {
    this.id = id;
    this.socket = socket;
    this.openedAt = now;
    this.heardAt = now;
    this.pingedAt = now;
  }

  get closed(): boolean {
    return this.socket.closed;
  }

  /** Whether a push could go out now, and there is one. */
  get deliverable(): boolean {
    const { subscription } = this;
    return subscription?.hasNews === true && !subscription.held && this.window.isOpen && !this.closed;
  }

  /**
   * Sends a push that has to be acknowledged.
   *
   * @param payload JSON text
   */
  push(method: string, payload: string, now: number): void {
    const id = this.#nextPushId;
    this.#nextPushId = (id % 0xffff_ffff) + 1;
    const text = `{"type":1,"id":${id},"method":"${method}","payload":${payload}}`;
    this.window.sent(id, Buffer.byteLength(text), now);
    this.#send(text);
  }

  respond(id: number, payload: object): void {
    this.#send(JSON.stringify({ type: 2, id, payload }));
  }

  refuse(id: number, name: ErrorName, description: string): void {
    this.respond(id, { errorCode: errorCode(name), errorDescription: description });
  }

  /** Ends the socket with one of the protocol's codes. */
  close(name: CloseName, reason: string): void {
    this.socket.end(closeCode(name), reason);
  }

  #send(text: string): void {
    if (this.socket.send(text) === 'dropped') this.close('tooSlow', 'the socket takes too little');
  }
}
