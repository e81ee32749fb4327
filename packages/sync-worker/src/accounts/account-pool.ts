import type { CalendarDatabase } from 'calendar-db/database';
import { readRefusedCredentials } from 'calendar-db/sync';
import { EwsAuthError, type EwsCalendarReader, EwsError } from 'ews-client';
import { type LogFields, type Logger, type LogLevel, type ServerCondition, TroubleLog } from 'worker-kit';
import { rendezvousWeight } from '../rendezvous-weight.ts';
import type { PlaceReader } from './account-clients.ts';
import { type Account, AccountSeat } from './account-seat.ts';
import { exchangeCondition } from './exchange-condition.ts';
import { HostBudget } from './host-budget.ts';
import { MailboxHolds } from './mailbox-holds.ts';
import { NoAccountLeftError } from './no-account-left-error.ts';
import { ServerHeldError } from './server-held-error.ts';
import { SignInHeldError } from './sign-in-held-error.ts';
import { SignInStoppedError } from './sign-in-stopped-error.ts';
import type { StreamAccount } from './stream-account.ts';
import { StreamAllotment } from './stream-allotment.ts';
import { WorkerShare } from './worker-share.ts';

/** An account that only an administrator can help, such as one with an expired password, is tried again so often. */
const OPERATOR_MS = 300_000;
/** A shorter hold is an ordinary day's. */
const LONG_HOLD_MS = 30_000;
/** An account that is held again and again is said again this often. */
const REPEAT_AFTER_MS = 600_000;

export interface AccountBudget {
  /** Requests at the same time and per second, of one account, for all workers together. */
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly streams: number;
}

/** This worker among the live ones, between which budgets are divided. */
export interface WorkerPlace {
  readonly workers: number;
  /** Its place among them, from 0: who comes first gets what cannot be divided. */
  readonly rank: number;
  /** All sync groups of the provider in an order that all workers agree on: the first ones have a stream. */
  readonly groups: readonly string[];
}

export interface AccountPoolParts {
  readonly database: CalendarDatabase;
  readonly log: Logger;
  readonly host?: HostBudget;
  /** Where a mailbox is read, as its last lease said; null, and where absent: at the provider's own address. */
  readonly urlOf?: (mailbox: string) => string | null;
  readonly growAfterMs?: number | undefined;
}

/**
 * The impersonation accounts of one provider. A mailbox keeps to one of them while that is usable, so that the load is
 * spread; one that was refused three times in a row, by all workers together, is left alone until its password changes.
 * Of a server that does not answer, and of accounts that are to slow down, people are told here, once.
 */
export class AccountPool {
  readonly #provider: string;
  readonly #seats: readonly AccountSeat[];
  readonly #database: CalendarDatabase;
  readonly #log: Logger;
  /** At the provider's own address. */
  readonly #server: ServerCondition;
  /** At the addresses of mailboxes that have moved. */
  readonly #sites = new Map<string, ServerCondition>();
  readonly #urlOf: (mailbox: string) => string | null;
  readonly #accountTroubles: TroubleLog;
  readonly #holds = new MailboxHolds();
  readonly #share: WorkerShare;
  readonly #host: HostBudget;
  readonly #streams = new StreamAllotment();

  constructor(provider: string, accounts: readonly Account[], parts: AccountPoolParts) {
    const { database, log, host = new HostBudget(), urlOf = () => null, growAfterMs } = parts;
    this.#provider = provider;
    this.#database = database;
    this.#log = log;
    this.#share = new WorkerShare(growAfterMs);
    this.#host = host;
    this.#urlOf = urlOf;
    this.#server = exchangeCondition(provider, log);
    this.#accountTroubles = new TroubleLog(log, { repeatAfterMs: REPEAT_AFTER_MS });
    this.#seats = accounts.map((account) => {
      const seat = new AccountSeat(account, database, (failures) => this.#tellStopped(seat, failures));
      return seat;
    });
  }

  /** Divides the accounts' budgets among the live workers: less takes effect at once, more a lease later. */
  share(budget: AccountBudget, place: WorkerPlace): void {
    const among = this.#share.among(place.workers);
    const connections = Math.max(1, Math.floor(budget.connections / among));
    const paceMs = (1000 * among) / budget.requestsPerSecond;
    for (const seat of this.#seats) seat.share(connections, paceMs, among);
    this.#streams.share(budget.streams, place);
  }

  /** Learns which accounts other workers, or an earlier life of this one, saw refused. */
  async refresh(): Promise<void> {
    const refused = await readRefusedCredentials(this.#database);
    for (const seat of this.#seats) {
      const { provider, login, fingerprint } = seat.key;
      const row = refused.find(
        (other) => other.provider === provider && other.login === login && other.fingerprint === fingerprint,
      );
      seat.learnStopped(row?.stopped === true);
    }
  }

  /**
   * Makes a call with a mailbox's account, within its budget and the host's.
   * @throws NoAccountLeftError when all accounts are stopped, ServerHeldError when the server, all usable accounts or the
   * mailbox are being left alone; what `work` throws
   */
  async call<Result>(
    mailbox: string,
    signal: AbortSignal,
    work: (reader: EwsCalendarReader) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    this.#holds.check(mailbox);
    return this.#guarded(mailbox, signal, () => this.#callWith(this.#seatFor(mailbox), mailbox, signal, work));
  }

  /**
   * Asks Autodiscover with an account that EWS has let in, within its budget. How that ends says nothing about EWS.
   * @returns null while there is no such account, or it is not to be used; rejects with what `work` throws
   */
  async askForPlaces<Result>(
    signal: AbortSignal,
    work: (places: PlaceReader) => Promise<Result>,
  ): Promise<Result | null> {
    const seat = this.#seats.find(isReady);
    if (seat === undefined || this.#server.heldMs > 0) return null;
    return seat.run(signal, () => this.#host.run(signal, () => work(seat.clients.places)));
  }

  /**
   * Lends an account for one stream more of a sync group; null when none may have one.
   * @throws NoAccountLeftError when all accounts are stopped
   */
  lendForStream(group: string): StreamAccount | null {
    const usable = this.#seats.filter(({ stopped }) => !stopped);
    if (usable.length === 0) throw new NoAccountLeftError(this.#provider, group);
    const loan = this.#streams.lend(group, usable.length);
    const seat = usable[loan === null ? 0 : loan.place % usable.length];
    if (loan === null || seat === undefined) return null;
    const call = (paced: boolean): StreamAccount['call'] => {
      return async (mailbox, signal, work) => {
        signal.throwIfAborted();
        return this.#guarded(mailbox, signal, () => this.#callWith(seat, mailbox, signal, work, paced));
      };
    };
    const accounts = () => this.#seats.filter(({ stopped }) => !stopped).length;
    return {
      login: seat.key.login,
      get isLent() {
        return !seat.stopped && loan.holds(accounts());
      },
      call: call(true),
      callAtOnce: call(false),
      giveBack: () => loan.giveBack(),
    };
  }

  /** Why no mailbox of this provider can be synchronized now, in a sentence; null when they can. */
  get trouble(): string | null {
    if (this.#server.down !== null) return this.#server.down;
    if (this.#seats.every(({ stopped }) => stopped)) return `${this.#provider} refused all its accounts`;
    if (this.#seats.every(({ stopped, heldMs }) => stopped || heldMs > LONG_HOLD_MS)) {
      return `${this.#provider} lets none of its accounts work for now`;
    }
    return null;
  }

  /** Whether a call has a chance: a server that is down is asked again when its pause is over. */
  get isUsable(): boolean {
    const isOpen = [this.#server, ...this.#sites.values()].some(({ heldMs }) => heldMs === 0);
    return isOpen && this.#seats.some(({ stopped, heldMs }) => !stopped && heldMs === 0);
  }

  /** Whether Autodiscover may be asked. */
  get isProven(): boolean {
    return this.#seats.some(isReady);
  }

  async close(): Promise<void> {
    for (const server of [this.#server, ...this.#sites.values()]) server.close();
    await Promise.all(this.#seats.map((seat) => seat.close()));
  }

  /** How the accounts stand, for the operator's page. */
  facts(): { login: string; stopped: boolean; heldMs: number; waiting: number }[] {
    return this.#seats.map(({ key, stopped, heldMs, waiting }) => ({ login: key.login, stopped, heldMs, waiting }));
  }

  /** Makes a call unless the mailbox's server is being left alone. */
  #guarded<Result>(mailbox: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const held = (heldMs: number) => new ServerHeldError(this.#provider, mailbox, heldMs);
    return this.#serverOf(mailbox).guard({ signal, held }, work);
  }

  #serverOf(mailbox: string): ServerCondition {
    const url = this.#urlOf(mailbox);
    if (url === null) return this.#server;
    const site = this.#sites.get(url) ?? exchangeCondition(new URL(url).host, this.#log);
    this.#sites.set(url, site);
    return site;
  }

  #callWith<Result>(
    seat: AccountSeat,
    mailbox: string,
    signal: AbortSignal,
    work: (reader: EwsCalendarReader) => Promise<Result>,
    paced = true,
  ): Promise<Result> {
    const url = this.#urlOf(mailbox);
    return seat.run(
      signal,
      () => {
        this.#holds.check(mailbox);
        return this.#attempt(seat, mailbox, () => this.#host.run(signal, () => work(seat.clients.reader(url))));
      },
      paced,
    );
  }

  #seatFor(mailbox: string): AccountSeat {
    const usable = this.#seats.filter(({ stopped }) => !stopped);
    if (usable.length === 0) throw new NoAccountLeftError(this.#provider, mailbox);
    const [seat] = usable
      .filter(({ heldMs }) => heldMs === 0)
      .sort((a, b) => (rendezvousWeight(mailbox, a.key.login) < rendezvousWeight(mailbox, b.key.login) ? 1 : -1));
    if (seat !== undefined) return seat;
    throw new ServerHeldError(this.#provider, mailbox, Math.min(...usable.map(({ heldMs }) => heldMs)), 'account');
  }

  async #attempt<Result>(seat: AccountSeat, mailbox: string, work: () => Promise<Result>): Promise<Result> {
    if (seat.heldMs > 0) throw new ServerHeldError(`the account ${seat.key.login}`, mailbox, seat.heldMs, 'account');
    try {
      const result = await work();
      this.#answered(seat);
      return result;
    } catch (error) {
      if (error instanceof SignInStoppedError) throw new NoAccountLeftError(this.#provider, mailbox);
      if (error instanceof SignInHeldError) {
        this.#holdUnseen(seat, error.waitMs);
        throw new ServerHeldError(`the account ${seat.key.login}`, mailbox, seat.heldMs, 'account');
      }
      if (error instanceof EwsError) this.#judge(seat, error);
      throw error;
    }
  }

  #judge(seat: AccountSeat, error: EwsError): void {
    this.#holds.judge(error);
    if (error instanceof EwsAuthError) return;
    if (error.scope === 'account' && !isStreamLimit(error)) this.#hold(seat, error);
    // Exchange only speaks of mailboxes and items to an account that it let in.
    else if (error.responseCode !== undefined) this.#answered(seat);
  }

  #answered(seat: AccountSeat): void {
    if (!seat.released()) return;
    const message = `${seat.key.login} is used again`;
    const line = { level: 'info', event: 'account.back', message, fields: this.#fields(seat) } as const;
    this.#accountTroubles.end(seat.key.login, () => line);
  }

  #hold(seat: AccountSeat, error: EwsError): void {
    const isOver = error.errorClass === 'config';
    if (!seat.hold(isOver ? OPERATOR_MS : (error.backOffMs ?? 0))) return;
    const seconds = Math.ceil(seat.heldMs / 1000);
    const message = `${seat.key.login} is left alone for ${seconds} s, its mailboxes wait or use another account: ${error.message}`;
    this.#tellHeld(seat, isOver ? 'error' : 'warn', message, { seconds, error });
  }

  #holdUnseen(seat: AccountSeat, waitMs: number): void {
    if (!seat.hold(Math.min(waitMs, OPERATOR_MS))) return;
    const seconds = Math.ceil(seat.heldMs / 1000);
    const message =
      `${seat.key.login} is left alone for ${seconds} s: workers that tried to sign in with it stopped before its answer ` +
      'came, and it might be locked if its password is wrong';
    this.#tellHeld(seat, 'warn', message, { seconds });
  }

  #tellHeld(seat: AccountSeat, level: LogLevel, message: string, facts: LogFields): void {
    const fields = { ...this.#fields(seat), ...facts };
    this.#accountTroubles.begin(seat.key.login, seat.key.login, { level, event: 'account.held', message, fields });
  }

  #tellStopped(seat: AccountSeat, failures: number): void {
    this.#log.error(
      'credential.stopped',
      `Exchange refused ${seat.key.login} ${failures} times in a row: it is not used any more, lest the account be locked. ` +
        'Correct its password in the config (tc_calendar --hash_pass) and reload.',
      this.#fields(seat),
    );
  }

  #fields({ key }: AccountSeat): { provider: string; login: string } {
    return { provider: this.#provider, login: key.login };
  }
}

function isReady({ isProven, heldMs }: AccountSeat): boolean {
  return isProven && heldMs === 0;
}

/** Only says that there are enough streams: other calls have their own limit (docs/reference/exchange.md §6.7). */
function isStreamLimit({ operation, responseCode }: EwsError): boolean {
  return operation === 'GetStreamingEvents' && responseCode === 'ErrorExceededConnectionCount';
}
