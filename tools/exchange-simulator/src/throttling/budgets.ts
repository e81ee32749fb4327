import { setTimeout as sleep } from 'node:timers/promises';
import { EwsError } from '../ews-error.ts';
import type { SimulatorSettings } from '../settings.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import type { RefillBudget } from './throttling-settings.ts';

/** What one budget has used since the last reset. */
export interface BudgetUsage {
  /** Address of the impersonated mailbox, or name of the account that acts for itself. */
  readonly budget: string;
  requests: number;
  /** Requests that are worked on now, and the most at any time; streams apart. */
  running: number;
  peakRunning: number;
  runningSyncs: number;
  peakRunningSyncs: number;
  /** Left of the refill budget, in ms; negative in debt. */
  balanceMs: number;
  slowed: number;
  refused: number;
  /** Requests that came although the client was told to back off for longer. */
  duringBackOff: number;
}

interface Account {
  readonly usage: BudgetUsage;
  /** When `usage.balanceMs` was right, unix ms. */
  chargedAt: number;
  /** Until when everything is refused, unix ms. */
  lockedUntil: number;
}

/** How a request fared with its budget, for the journal. */
export interface Spending {
  readonly budget: string;
  /** Requests of the budget at the same time, this one included. */
  readonly running: number;
  readonly slowedMs: number;
}

const MS_PER_HOUR = 3_600_000;

/** Who uses how much of the server, and the refusals for using too much (docs/reference/exchange.md §10.3, budgets). */
export class Budgets {
  readonly #settings: SimulatorSettings;
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();

  /** @param now the server's clock, unix ms */
  constructor(settings: SimulatorSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * Counts a request against a budget while `work` runs.
   *
   * @throws EwsError faults `ErrorExceededConnectionCount` and `ErrorServerBusy`, and whatever `work` throws
   */
  async spend<T>(budget: string, operation: string, work: (spending: Spending) => Promise<T>): Promise<T> {
    const account = this.#account(budget);
    const { usage } = account;
    const streaming = operation === 'GetStreamingEvents';
    const syncing = operation === 'SyncFolderItems';
    const slowedMs = this.#admit(account, streaming, syncing);
    usage.running += streaming ? 0 : 1;
    usage.peakRunning = Math.max(usage.peakRunning, usage.running);
    usage.runningSyncs += syncing ? 1 : 0;
    usage.peakRunningSyncs = Math.max(usage.peakRunningSyncs, usage.runningSyncs);
    const spending = { budget, running: usage.running, slowedMs };
    try {
      const waitMs = slowedMs + this.#settings.throttling.serviceMs;
      if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
      return await work(spending);
    } finally {
      usage.running -= streaming ? 0 : 1;
      usage.runningSyncs -= syncing ? 1 : 0;
    }
  }

  list(): BudgetUsage[] {
    return [...this.#accounts.values()].map((account) => {
      this.#refill(account);
      return account.usage;
    });
  }

  /** Every budget is full again and has used nothing. What runs at the moment is not counted any more. */
  clear(): void {
    this.#accounts.clear();
  }

  #account(budget: string): Account {
    const existing = this.#accounts.get(budget);
    if (existing !== undefined) return existing;
    const usage = { requests: 0, running: 0, peakRunning: 0, runningSyncs: 0, peakRunningSyncs: 0 };
    const burstMs = this.#settings.throttling.refill?.burstMs ?? 0;
    const account: Account = {
      usage: { budget, ...usage, balanceMs: burstMs, slowed: 0, refused: 0, duringBackOff: 0 },
      chargedAt: this.#now(),
      lockedUntil: 0,
    };
    this.#accounts.set(budget, account);
    return account;
  }

  /** Milliseconds by which the request is slowed down. */
  #admit(account: Account, streaming: boolean, syncing: boolean): number {
    const { maxConcurrency, syncConcurrency, refill } = this.#settings.throttling;
    const { usage } = account;
    usage.requests += 1;
    if (this.#now() < account.lockedUntil) usage.duringBackOff += 1;
    const slowedMs = refill === null ? 0 : this.#charge(account, refill);
    if (!streaming && maxConcurrency !== null && usage.running >= maxConcurrency) {
      usage.refused += 1;
      throw tooMany('ErrorExceededConnectionCount', 'EWSMaxConcurrency', maxConcurrency);
    }
    if (syncing && syncConcurrency !== null && usage.runningSyncs >= syncConcurrency) {
      usage.refused += 1;
      throw tooMany('ErrorServerBusy', 'ConcurrentSyncCalls', syncConcurrency);
    }
    if (slowedMs > 0) usage.slowed += 1;
    return slowedMs;
  }

  #charge(account: Account, refill: RefillBudget): number {
    this.#refill(account);
    const { usage } = account;
    const now = this.#now();
    if (now >= account.lockedUntil && usage.balanceMs <= -refill.cutoffMs) {
      account.lockedUntil = now + Math.ceil((-usage.balanceMs * MS_PER_HOUR) / refill.rechargeMsPerHour);
    }
    if (now < account.lockedUntil) {
      usage.refused += 1;
      throw busy(account.lockedUntil - now);
    }
    usage.balanceMs -= refill.requestCostMs;
    if (usage.balanceMs >= 0) return 0;
    return refill.slowDownMs;
  }

  #refill(account: Account): void {
    const { refill } = this.#settings.throttling;
    if (refill === null) return;
    const now = this.#now();
    const gained = (Math.max(0, now - account.chargedAt) * refill.rechargeMsPerHour) / MS_PER_HOUR;
    account.usage.balanceMs = Math.min(refill.burstMs, account.usage.balanceMs + gained);
    account.chargedAt = now;
  }
}

function value(name: string, text: string | number): XmlNode {
  return t('Value', String(text), { Name: name });
}

function busy(backOffMs: number): EwsError {
  return new EwsError('ErrorServerBusy', 'The server cannot service this request right now. Try again later.', {
    fault: true,
    details: [value('Policy', 'EWSCutoffBalance'), value('BackOffMilliseconds', backOffMs)],
  });
}

function tooMany(code: string, policy: string, limit: number): EwsError {
  return new EwsError(
    code,
    'You have exceeded the available concurrent connections for your account. Try again once your other requests have completed.',
    { fault: true, details: [value('Policy', policy), value('MaxConcurrencyLimit', limit)] },
  );
}
