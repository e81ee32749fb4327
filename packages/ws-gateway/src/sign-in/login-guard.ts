import { createHmac } from 'node:crypto';
import type { Queryable } from 'calendar-db/database';
import { clearSignInAttempts, countSignInAttempt, takeBackSignInAttempt } from 'calendar-db/sign-in';
import type { SecretKey } from 'connector-config';
import { countedNetwork } from '../transport/peer.ts';

const WINDOW_SECONDS = 15 * 60;

export interface LoginLimits {
  readonly failedLoginsPerUser: number;
  readonly failedLoginsPerAddress: number;
}

/** One attempt, counted as a failure until it is known to be none. */
export interface LoginAttempt {
  /** The password was right: nothing counts against the user any more. */
  succeeded(): Promise<void>;
  /** Nobody could tell whether it was right. */
  undecided(): Promise<void>;
}

/** Too many wrong passwords. */
export class TooManyAttemptsError extends Error {
  readonly code = 'too-many-attempts';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many wrong passwords; try again later');
    this.name = new.target.name;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Counts wrong passwords in the database, for all gateways together. Names and addresses are stored hashed only. */
export class LoginGuard {
  readonly #database: Queryable;
  readonly #key: Buffer;
  readonly #limits: () => LoginLimits;

  constructor(database: Queryable, key: SecretKey, limits: () => LoginLimits) {
    this.#database = database;
    this.#key = key.derive('sign-in-subject');
    this.#limits = limits;
  }

  /**
   * Counts an attempt before its password is tried.
   *
   * An address beyond its limit leaves every user one attempt: many people may share it, and those who make no mistake
   * still get in.
   *
   * @param user names the user among all servers
   * @throws TooManyAttemptsError
   */
  async attempt(user: string, address: string): Promise<LoginAttempt> {
    const [userSubject, peerSubject] = [this.#subject('user', user), this.#subject('peer', countedNetwork(address))];
    const counts = await countSignInAttempt(this.#database, [userSubject, peerSubject], WINDOW_SECONDS);
    const ofUser = counts.find((count) => count.subject === userSubject);
    const ofPeer = counts.find((count) => count.subject === peerSubject);
    const { failedLoginsPerUser, failedLoginsPerAddress } = this.#limits();
    const allowed = (ofPeer?.failures ?? 0) > failedLoginsPerAddress ? 1 : failedLoginsPerUser;
    if ((ofUser?.failures ?? 0) > allowed) throw new TooManyAttemptsError(Math.ceil(ofUser?.secondsLeft ?? 1));
    return {
      succeeded: async () => {
        await clearSignInAttempts(this.#database, userSubject);
        await takeBackSignInAttempt(this.#database, [peerSubject]);
      },
      undecided: () => takeBackSignInAttempt(this.#database, [userSubject, peerSubject]),
    };
  }

  #subject(kind: string, name: string): string {
    return createHmac('sha256', this.#key).update(`${kind} ${name}`).digest('base64url');
  }
}
