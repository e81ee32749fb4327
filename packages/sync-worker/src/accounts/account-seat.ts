import { setTimeout as pause } from 'node:timers/promises';
import type { CalendarDatabase } from 'calendar-db/database';
import type { CredentialKey } from 'calendar-db/sync';
import type { SignInGate } from 'ews-client';
import PQueue from 'p-queue';
import { AccountClients, type OpenClients } from './account-clients.ts';
import { SignInPermits } from './sign-in-permits.ts';

const FIRST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 600_000;
/** So long after the last complaint an account gets its full number of connections again. */
const STRAIN_MS = 300_000;
const MOST_STRAIN = 4;

/** A service account. */
export interface Account {
  readonly key: CredentialKey;
  /** Whether the server knows an accepted sign-in again without the password: with OAuth, by tokens. */
  readonly signsInWithTokens?: boolean;
  /** Makes the clients that sign in with it, through the gate. */
  readonly open: (gate: SignInGate) => OpenClients;
}

/** One account at work: its queue, its pace, and whether it is to be left alone. Knows nothing of other accounts. */
export class AccountSeat {
  readonly key: CredentialKey;
  readonly clients: AccountClients;
  readonly #permits: SignInPermits;
  readonly #queue = new PQueue({ concurrency: 1 });
  #connections = 1;
  #paceMs = 0;
  #workers = 1;
  #nextStart = 0;
  #heldUntil = 0;
  #holds = 0;
  #strain = 0;
  #strainedAt = 0;

  /** @param onStopped called once when the account is stopped because of a refusal met here, with their number */
  constructor(
    { key, open, signsInWithTokens = false }: Account,
    database: CalendarDatabase,
    onStopped: (failures: number) => void,
  ) {
    this.key = key;
    this.#permits = new SignInPermits({ database, key, freeOnceProven: signsInWithTokens, onStopped });
    this.clients = new AccountClients(open(this.#permits));
  }

  /** Refused too often: not used until its password changes. */
  get stopped(): boolean {
    return this.#permits.stopped;
  }

  /** Let in by the server, and not refused since. */
  get isProven(): boolean {
    return this.#permits.isProven;
  }

  /** What the database says of it. */
  learnStopped(stopped: boolean): void {
    this.#permits.learnStopped(stopped);
  }

  async close(): Promise<void> {
    await this.clients.close();
    await this.#permits.close();
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Milliseconds in which it is not to be used; 0 when it may be. */
  get heldMs(): number {
    return Math.max(0, this.#heldUntil - performance.now());
  }

  /** @param connections at the same time @param paceMs milliseconds between two starts @param workers that share the account */
  share(connections: number, paceMs: number, workers = this.#workers): void {
    this.#workers = workers;
    this.#permits.share(workers);
    if (this.#strain > 0 && performance.now() - this.#strainedAt > STRAIN_MS) this.#strain = 0;
    this.#connections = connections;
    this.#paceMs = paceMs;
    this.#queue.concurrency = Math.max(1, Math.floor(connections / 2 ** this.#strain));
  }

  /**
   * Runs `work` when a connection is free and its moment has come. @throws the signal's reason when aborted meanwhile
   * @param paced false: as soon as a connection is free
   */
  async run<Result>(signal: AbortSignal, work: () => Promise<Result>, paced = true): Promise<Result> {
    return this.#queue.add(async () => {
      signal.throwIfAborted();
      if (!paced) return work();
      const now = performance.now();
      const start = Math.max(now, this.#nextStart);
      this.#nextStart = start + this.#paceMs;
      if (start > now) await pause(start - now, undefined, { signal });
      return work();
    });
  }

  /**
   * The server asked to be left alone by this account: holds it and lets it use fewer connections for a while.
   * @returns whether this began a hold, and does not only go on with one
   */
  hold(ms: number): boolean {
    if (this.heldMs > 0) {
      this.#heldUntil = Math.max(this.#heldUntil, performance.now() + ms);
      return false;
    }
    const grown = Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** Math.min(this.#holds++, 10));
    this.#heldUntil = performance.now() + Math.max(ms, grown);
    this.#strain = Math.min(MOST_STRAIN, this.#strain + 1);
    this.#strainedAt = performance.now();
    this.share(this.#connections, this.#paceMs);
    return true;
  }

  /** A call succeeded. @returns whether holds came before it */
  released(): boolean {
    if (this.#holds === 0 || this.heldMs > 0) return false;
    this.#holds = 0;
    return true;
  }
}
