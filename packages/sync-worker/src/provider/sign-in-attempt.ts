import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type AttemptAnswer,
  beginCredentialAttempt,
  type CalendarDatabase,
  type CredentialKey,
  endCredentialAttempt,
  renewCredentialAttempt,
} from 'calendar-db';

/** A worker that stops renewing loses its turn after so long; what became of its attempt is then unknown. */
const LEASE_SECONDS = 10;
const RENEW_MS = 3_000;
const ASK_AGAIN_MS = 250;

/**
 * One attempt to sign in with a password that this worker has not proven: all workers together make them one after
 * another, and no more than three, so that no directory locks the account.
 */
export class SignInAttempt {
  readonly id: string;
  readonly #database: CalendarDatabase;
  readonly #renewal: NodeJS.Timeout;

  private constructor(id: string, database: CalendarDatabase) {
    this.id = id;
    this.#database = database;
    // A renewal that fails costs the turn at worst; the attempt's own outcome says what is wrong with the database.
    const renew = () => void renewCredentialAttempt(database, id, LEASE_SECONDS).catch(() => undefined);
    this.#renewal = setInterval(renew, RENEW_MS);
  }

  /**
   * Waits for the turn.
   * @returns the attempt; or why there is none: the password was refused too often, or attempts whose end nobody saw may
   * have been refusals and take `waitMs` to be forgotten
   * @throws the signal's reason; what the database throws
   */
  static async begin(
    database: CalendarDatabase,
    key: CredentialKey,
    signal: AbortSignal,
  ): Promise<SignInAttempt | Pick<AttemptAnswer, 'stopped' | 'waitMs'>> {
    for (;;) {
      signal.throwIfAborted();
      const id = randomUUID();
      const answer = await beginCredentialAttempt(database, key, id, LEASE_SECONDS);
      if (answer.granted) return new SignInAttempt(id, database);
      if (answer.stopped || answer.waitMs > 0) return answer;
      await pause(ASK_AGAIN_MS * (0.5 + Math.random()), undefined, { signal });
    }
  }

  /** Its outcome is known and told by whoever counts it. */
  end(): void {
    clearInterval(this.#renewal);
  }

  /** It ended without the server's word on the password. @param unseen whether the server may have refused it nevertheless */
  async endWithoutVerdict(unseen: boolean): Promise<void> {
    this.end();
    await endCredentialAttempt(this.#database, this.id, unseen);
  }
}
