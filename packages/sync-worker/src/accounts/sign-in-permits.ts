import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CalendarDatabase } from 'calendar-db/database';
import {
  type CredentialKey,
  type CredentialStanding,
  countCredentialAcceptance,
  countCredentialRefusal,
  giveBackSignInPermits,
  MOST_REFUSALS,
  renewSignInPermits,
  takeSignInPermit,
} from 'calendar-db/sync';
import type { EwsAuthError, SignInGate, SignInProof, SignInUse } from 'ews-client';
import { SignInHeldError } from './sign-in-held-error.ts';
import { SignInStoppedError } from './sign-in-stopped-error.ts';

/** A worker that stops renewing loses its permits after so long. */
const LEASE_SECONDS = 10;
const RENEW_MS = 1_000;
const ASK_AGAIN_MS = 250;
/** A permit that was not used for so long is given back. */
const IDLE_MS = 5_000;
/** So long what the database said about unseen outcomes holds without another question. */
const BAR_MS = 1_000;

interface Permit {
  readonly id: string;
  /** When it counts as given up here, a little before it does in the database: `performance.now()`. */
  until: number;
  /** When the database last told how the password stood, by its own clock. */
  at: string;
  usedAt: number;
  inUse: boolean;
  /** Another worker waits for it. */
  leaves: boolean;
}

export interface SignInPermitsOptions {
  readonly database: CalendarDatabase;
  readonly key: CredentialKey;
  /** Whether an accepted password is used without permits: for tokens, which no directory locks an account for. */
  readonly freeOnceProven: boolean;
  /** Called once when the password is stopped because of a refusal that this worker met. @param failures in a row */
  readonly onStopped: (failures: number) => void;
}

/**
 * The gate before one account's password. All workers together hold three permits to use it; each use occupies one until
 * the server's verdict is known, and a refusal spends it. So a password that turns wrong, even with all workers at full
 * load, is refused three times and no more. Permits are kept while there is use for them: a call costs no query.
 */
export class SignInPermits implements SignInGate {
  readonly #options: SignInPermitsOptions;
  readonly #held = new Map<string, Permit>();
  /** Permits that are this worker's fair share. */
  #share = MOST_REFUSALS;
  /** Whether there are fewer permits than workers, which then take turns. */
  #takesTurns = false;
  #stopped = false;
  #doubtful = true;
  /** Refusals in a row that this process saw: holds even where they cannot be written down. */
  #refusals = 0;
  #bar = { until: 0, waitMs: 0 };
  #notAskedBefore = 0;
  #waiting = 0;
  #asking = false;
  #changed = Promise.withResolvers<void>();
  #renewal: NodeJS.Timeout | undefined;
  #renewing = false;
  #closed = false;

  constructor(options: SignInPermitsOptions) {
    this.#options = options;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether the password was accepted and, as far as is known, not refused since. */
  get isProven(): boolean {
    return !this.#doubtful && !this.#stopped;
  }

  /** @param workers that use the same account */
  share(workers: number): void {
    this.#share = Math.max(1, Math.floor(MOST_REFUSALS / workers));
    this.#takesTurns = workers > MOST_REFUSALS;
  }

  /** Takes over what the database says; false after true means that somebody cleared it. */
  learnStopped(stopped: boolean): void {
    if (this.#stopped && !stopped) this.#refusals = 0;
    this.#stopped = stopped || this.#refusals >= MOST_REFUSALS;
    this.#wake();
  }

  /**
   * Waits for a permit.
   * @throws SignInStoppedError, SignInHeldError; the signal's reason; what the database throws
   */
  async enter(signal: AbortSignal, proof: SignInProof = 'password'): Promise<SignInUse> {
    for (;;) {
      signal.throwIfAborted();
      const { login } = this.#options.key;
      if (this.#stopped || this.#closed) throw new SignInStoppedError(login);
      if (this.#bar.until > performance.now()) throw new SignInHeldError(login, this.#bar.waitMs);
      if ((this.#options.freeOnceProven || proof === 'ticket') && !this.#doubtful) return this.#use(null);
      const permit = this.#idlePermit();
      if (permit !== undefined) return this.#use(permit);
      await this.#nextChange(signal);
    }
  }

  /** Gives all permits back. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#renewal);
    this.#wake();
    await this.#giveBack([...this.#held.values()].filter(({ inUse }) => !inUse));
  }

  #use(permit: Permit | null): SignInUse {
    if (permit !== null) permit.inUse = true;
    const refusals = this.#refusals;
    const since = permit?.at;
    return {
      accepted: () => {
        if (permit !== null) this.#release(permit);
        if (refusals !== this.#refusals) return;
        this.#refusals = 0;
        if (this.#doubtful && since !== undefined) void this.#tellAcceptance(since);
      },
      refused: async (error) => {
        if (permit !== null) this.#held.delete(permit.id);
        // Uses without a permit that end together were refused together, for one reason: it counts once.
        if (permit !== null || refusals === this.#refusals) await this.#countRefusal(error, permit);
        this.#wake();
      },
      unanswered: async (mayBeRefused) => {
        if (permit === null) return;
        if (mayBeRefused && this.#doubtful) await this.#giveBack([permit], true);
        else this.#release(permit);
      },
    };
  }

  async #countRefusal(error: EwsAuthError, permit: Permit | null): Promise<void> {
    const { database, key, onStopped } = this.#options;
    this.#refusals++;
    this.#doubtful = true;
    // Whoever waits must not go on before it is known whether this was the last one.
    const counted = await countCredentialRefusal(database, key, error.code, permit?.id).catch((failure) => {
      this.#stopped ||= this.#refusals >= MOST_REFUSALS;
      throw failure;
    });
    if (this.#stopped || !(counted.stopped || this.#refusals >= MOST_REFUSALS)) return;
    this.#stopped = true;
    onStopped(Math.max(counted.failures, this.#refusals));
  }

  /** If it cannot be written the password stays doubtful, and the next success tries again. */
  async #tellAcceptance(since: string): Promise<void> {
    const refusals = this.#refusals;
    const { database, key } = this.#options;
    const told = await countCredentialAcceptance(database, key, since).then(
      () => true,
      () => false,
    );
    if (!told || refusals !== this.#refusals) return;
    this.#doubtful = false;
    this.#wake();
  }

  #idlePermit(): Permit | undefined {
    const permits = [...this.#held.values()];
    if (this.#doubtful && permits.some(({ inUse }) => inUse)) return undefined;
    return permits.find(({ inUse, until }) => !inUse && until > performance.now());
  }

  #release(permit: Permit): void {
    permit.inUse = false;
    permit.usedAt = performance.now();
    const isSpare = this.#waiting === 0 && this.#areScarce;
    if (this.#closed || permit.leaves || isSpare) void this.#giveBack([permit]);
    else this.#wake();
  }

  /** Fewer permits than workers, or, of a doubtful password, one for all: nobody sits on any. */
  get #areScarce(): boolean {
    return this.#takesTurns || this.#doubtful;
  }

  /** Resolves when it may be worth looking for a permit again. */
  async #nextChange(signal: AbortSignal): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting++;
    void this.#ask();
    try {
      await Promise.race([this.#changed.promise, aborted]);
    } finally {
      this.#waiting--;
      signal.removeEventListener('abort', abort);
    }
  }

  #wake(failure?: unknown): void {
    const { resolve, reject, promise } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    // Whether anybody waits or not.
    promise.catch(() => undefined);
    if (failure === undefined) resolve();
    else reject(failure);
  }

  /** Asks for permits, one after another, as long as somebody waits for one and there may be more. */
  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#waiting > 0 && !this.#closed && this.#held.size < (this.#doubtful ? 1 : MOST_REFUSALS)) {
        await pause(Math.max(0, this.#notAskedBefore - performance.now()), undefined, { ref: false });
        if (await this.#askOnce()) this.#wake();
        else this.#notAskedBefore = performance.now() + ASK_AGAIN_MS * (0.5 + Math.random());
        // Whom it woke takes what there is.
        await new Promise(setImmediate);
      }
    } catch (failure) {
      this.#wake(failure);
    } finally {
      this.#asking = false;
    }
  }

  /** @returns whether those who wait should look again */
  async #askOnce(): Promise<boolean> {
    const { database, key } = this.#options;
    const [id, askedAt] = [randomUUID(), performance.now()];
    const urgent = this.#held.size < this.#share;
    const answer = await takeSignInPermit(database, key, id, { seconds: LEASE_SECONDS, urgent });
    this.#learn(answer);
    if (answer.waitMs > 0) this.#bar = { until: performance.now() + BAR_MS, waitMs: answer.waitMs };
    if (!answer.granted) return answer.stopped || answer.waitMs > 0;
    const until = askedAt + LEASE_SECONDS * 1000;
    const permit = { id, until, at: answer.at, usedAt: performance.now(), inUse: false, leaves: false };
    if (this.#closed) await this.#giveBack([permit]);
    else this.#hold(permit);
    return true;
  }

  #hold(permit: Permit): void {
    this.#held.set(permit.id, permit);
    this.#renewal ??= setInterval(() => {
      if (this.#renewing) return;
      this.#renewing = true;
      const ended = (): void => {
        this.#renewing = false;
      };
      // What cannot be renewed is given up when its time is over; that the database is away is told elsewhere.
      void this.#renew().then(ended, ended);
    }, RENEW_MS).unref();
  }

  #learn({ stopped, doubtful }: CredentialStanding): void {
    this.#stopped ||= stopped;
    // What this worker was refused counts here before anybody else knows of it.
    this.#doubtful = doubtful || this.#refusals > 0;
  }

  async #renew(): Promise<void> {
    const now = performance.now();
    const idleMs = this.#areScarce ? 0 : IDLE_MS;
    const isOver = ({ inUse, until, usedAt }: Permit) => !inUse && (until <= now || now - usedAt > idleMs);
    await this.#giveBack([...this.#held.values()].filter(isOver));
    if (this.#held.size === 0) {
      clearInterval(this.#renewal);
      this.#renewal = undefined;
      return;
    }
    const { database, key } = this.#options;
    const yields = this.#takesTurns || this.#held.size > this.#share;
    const permits = [...this.#held.keys()];
    const answer = await renewSignInPermits(database, key, permits, { seconds: LEASE_SECONDS, yields });
    this.#learn(answer);
    for (const id of permits) {
      const permit = this.#held.get(id);
      if (permit === undefined) continue;
      if (answer.kept.includes(id)) Object.assign(permit, { until: now + LEASE_SECONDS * 1000, at: answer.at });
      else this.#held.delete(id);
    }
    if (answer.wanted) await this.#yield();
    this.#wake();
  }

  /** Lets another worker have a permit, at once or after its use, and does not ask for it again too soon. */
  async #yield(): Promise<void> {
    this.#notAskedBefore = performance.now() + 2 * ASK_AGAIN_MS;
    const permits = [...this.#held.values()];
    const permit = permits.find(({ inUse }) => !inUse) ?? permits[0];
    if (permit?.inUse === true) permit.leaves = true;
    else if (permit !== undefined) await this.#giveBack([permit]);
  }

  /** @param unseen whether nobody saw what became of their uses */
  async #giveBack(permits: readonly Permit[], unseen = false): Promise<void> {
    if (permits.length === 0) return;
    for (const { id } of permits) this.#held.delete(id);
    // Whoever waits here asks for another one.
    this.#wake();
    const { database, key } = this.#options;
    const ids = permits.map(({ id }) => id);
    // Permits that cannot be given back are given up when their time is over.
    await giveBackSignInPermits(database, key, ids, unseen).catch(() => undefined);
  }
}
