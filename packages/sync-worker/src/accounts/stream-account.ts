import type { EwsCalendarReader } from 'ews-client';

/** An account that serves one stream: subscriptions are of the account that made them (docs/reference/exchange.md §6.8). */
export interface StreamAccount {
  readonly login: string;
  /** Whether it may go on: not when it was stopped, nor when other workers need its streams. */
  readonly isLent: boolean;
  /** Makes a call within the account's budget. */
  call<Result>(
    mailbox: string,
    signal: AbortSignal,
    work: (reader: EwsCalendarReader) => Promise<Result>,
  ): Promise<Result>;
  /**
   * The same, but however many calls began just now: for what gives something back to the server before this worker goes.
   */
  callAtOnce<Result>(
    mailbox: string,
    signal: AbortSignal,
    work: (reader: EwsCalendarReader) => Promise<Result>,
  ): Promise<Result>;
  giveBack(): void;
}

/** Lends an account for one stream more of the group; null while none has one left. */
export type LendStreamAccount = (group: string) => StreamAccount | null;

export interface StreamSettings {
  readonly silenceMs: number;
  readonly connectionMinutes: number;
}
