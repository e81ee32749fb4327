import { createHash } from 'node:crypto';
import {
  type CalendarDatabase,
  type CredentialKey,
  countCredentialAcceptance,
  countCredentialRefusal,
  readRefusedCredentials,
} from 'calendar-db';
import { EwsAuthError, type EwsCalendarReader } from 'ews-client';
import PQueue from 'p-queue';
import type { Logger } from 'worker-kit';
import { NoAccountLeftError } from './no-account-left-error.ts';

export interface Account {
  readonly key: CredentialKey;
  readonly reader: EwsCalendarReader;
}

export interface AccountBudget {
  /** Requests at the same time and per second, of one account, for all workers together. */
  readonly connections: number;
  readonly requestsPerSecond: number;
}

interface Seat extends Account {
  readonly queue: PQueue;
  stopped: boolean;
  /** Until the server has accepted it once, an account is tried by one call at a time: a wrong password must not be sent sixteen times at once. */
  proven: boolean;
  proving: Promise<unknown>;
  /** When the next call may start, by `performance.now()`. */
  nextStart: number;
}

/**
 * The impersonation accounts of one provider. A mailbox keeps to one of them while that is usable, so that the load is
 * spread; one that was refused three times in a row, by all workers together, is left alone until its password changes.
 */
export class AccountPool {
  readonly #provider: string;
  readonly #seats: Seat[];
  readonly #database: CalendarDatabase;
  readonly #log: Logger;
  /** Milliseconds between two starts of calls of one account. */
  #pace = 0;

  constructor(provider: string, accounts: readonly Account[], database: CalendarDatabase, log: Logger) {
    this.#provider = provider;
    this.#database = database;
    this.#log = log;
    this.#seats = accounts.map((account) => ({
      ...account,
      queue: new PQueue({ concurrency: 1 }),
      stopped: false,
      proven: false,
      proving: Promise.resolve(),
      nextStart: 0,
    }));
  }

  /** Divides the accounts' budgets among the live workers; takes effect at once. */
  share(budget: AccountBudget, workers: number): void {
    this.#pace = (1000 * workers) / budget.requestsPerSecond;
    for (const { queue } of this.#seats) queue.concurrency = Math.max(1, Math.floor(budget.connections / workers));
  }

  /** Learns which accounts other workers, or an earlier life of this one, saw refused. */
  async refresh(): Promise<void> {
    const refused = await readRefusedCredentials(this.#database);
    for (const seat of this.#seats) {
      seat.stopped = refused.some((row) => row.stopped && sameCredential(row, seat.key));
    }
  }

  /**
   * Makes a call with a mailbox's account, within its budget.
   * @throws NoAccountLeftError when all accounts are stopped; what `work` throws
   */
  async call<Result>(mailbox: string, work: (reader: EwsCalendarReader) => Promise<Result>): Promise<Result> {
    const seat = this.#seatFor(mailbox);
    return seat.queue.add(async () => {
      await this.#paced(seat);
      return seat.proven ? this.#attempt(seat, work) : this.#proveWith(seat, work);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#seats.map(({ reader }) => reader.close()));
  }

  /** How the accounts stand, for the operator's page. */
  facts(): { login: string; stopped: boolean; waiting: number }[] {
    return this.#seats.map(({ key, stopped, queue }) => ({ login: key.login, stopped, waiting: queue.size }));
  }

  #seatFor(mailbox: string): Seat {
    const usable = this.#seats.filter(({ stopped }) => !stopped);
    const [seat] = usable.sort((a, b) => (weight(mailbox, a) < weight(mailbox, b) ? 1 : -1));
    if (seat === undefined) throw new NoAccountLeftError(this.#provider, mailbox);
    return seat;
  }

  async #paced(seat: Seat): Promise<void> {
    const now = performance.now();
    const start = Math.max(now, seat.nextStart);
    seat.nextStart = start + this.#pace;
    if (start > now) await new Promise((resolve) => setTimeout(resolve, start - now));
  }

  async #proveWith<Result>(seat: Seat, work: (reader: EwsCalendarReader) => Promise<Result>): Promise<Result> {
    const turn = seat.proving.then(() => {
      if (seat.stopped) throw new NoAccountLeftError(this.#provider, seat.key.login);
      return this.#attempt(seat, work);
    });
    seat.proving = turn.catch(() => undefined);
    return turn;
  }

  async #attempt<Result>(seat: Seat, work: (reader: EwsCalendarReader) => Promise<Result>): Promise<Result> {
    try {
      const result = await work(seat.reader);
      if (!seat.proven) {
        seat.proven = true;
        await countCredentialAcceptance(this.#database, seat.key);
      }
      return result;
    } catch (error) {
      if (error instanceof EwsAuthError) await this.#refused(seat, error);
      throw error;
    }
  }

  async #refused(seat: Seat, error: EwsAuthError): Promise<void> {
    seat.proven = false;
    const { failures, stopped } = await countCredentialRefusal(this.#database, seat.key, error.code);
    if (!stopped || seat.stopped) return;
    seat.stopped = true;
    this.#log.error(
      'credential.stopped',
      `Exchange refused ${seat.key.login} ${failures} times in a row: it is not used any more, lest the account be locked. ` +
        'Correct its password in the config (tc_calendar --hash_pass) and reload.',
      { provider: this.#provider, login: seat.key.login, failures },
    );
  }
}

function sameCredential(a: CredentialKey, b: CredentialKey): boolean {
  return a.provider === b.provider && a.login === b.login && a.fingerprint === b.fingerprint;
}

function weight(mailbox: string, seat: Seat): string {
  return createHash('sha1').update(`${mailbox}\n${seat.key.login}`).digest('hex');
}
