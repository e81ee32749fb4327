import type { Queryable } from './database.ts';
import { sqlFile } from './sql-file.ts';

const sql = {
  beginAttempt: sqlFile('sync/begin-attempt'),
  renewAttempt: sqlFile('sync/renew-attempt'),
  readAttempt: sqlFile('sync/read-attempt'),
  endAttempt: sqlFile('sync/end-attempt'),
  countRefusal: sqlFile('sync/count-refusal'),
  countAcceptance: sqlFile('sync/count-acceptance'),
  readStopped: sqlFile('sync/read-stopped'),
};

/** One service account with one password; another password is another account to the counters. */
export interface CredentialKey {
  readonly provider: string;
  readonly login: string;
  /** Keyed fingerprint of the password. */
  readonly fingerprint: string;
}

export interface CredentialState {
  /** Refusals in a row, by all workers together. */
  readonly failures: number;
  /** After three: nobody uses it until its password changes. */
  readonly stopped: boolean;
}

/** Whether an attempt to sign in may be made now. */
export interface AttemptAnswer {
  /** It is the caller's turn: it renews the attempt until it knows the outcome, and tells that. */
  readonly granted: boolean;
  /** Three refusals in a row: not until the password changes. */
  readonly stopped: boolean;
  /** Milliseconds until attempts whose end nobody saw are forgotten. When 0, somebody else's attempt is under way. */
  readonly waitMs: number;
}

/**
 * Asks for the turn to sign in with a password that is not proven: one attempt at a time among all workers, three in a row
 * at most, those included whose end nobody saw.
 *
 * @param attempt a new UUID
 * @param seconds after which the attempt is given up, unless renewed
 */
export async function beginCredentialAttempt(
  db: Queryable,
  key: CredentialKey,
  attempt: string,
  seconds: number,
): Promise<AttemptAnswer> {
  const who = [key.provider, key.login, key.fingerprint];
  const taken = await db.query(sql.beginAttempt, [...who, attempt, seconds]);
  if (taken.rows.length > 0) return { granted: true, stopped: false, waitMs: 0 };
  // A statement of its own, so that it sees what the first one waited for.
  const { rows } = await db.query<Omit<AttemptAnswer, 'granted'> & Record<string, unknown>>(sql.readAttempt, who);
  return { granted: false, stopped: rows[0]?.stopped ?? false, waitMs: rows[0]?.waitMs ?? 0 };
}

/** Keeps an attempt for so many seconds more. */
export async function renewCredentialAttempt(db: Queryable, attempt: string, seconds: number): Promise<void> {
  await db.query(sql.renewAttempt, [attempt, seconds]);
}

/** Ends an attempt that was neither a refusal nor a success; `unseen`: it may have been a refusal. */
export async function endCredentialAttempt(db: Queryable, attempt: string, unseen: boolean): Promise<void> {
  await db.query(sql.endAttempt, [attempt, unseen]);
}

/** Counts a 401 for all workers, and ends the attempt that met it. */
export async function countCredentialRefusal(
  db: Queryable,
  key: CredentialKey,
  error: string,
  attempt: string | null = null,
): Promise<CredentialState> {
  const values = [key.provider, key.login, key.fingerprint, error, attempt];
  const { rows } = await db.query<{ failures: number; stopped: boolean }>(sql.countRefusal, values);
  return rows[0] ?? { failures: 1, stopped: false };
}

/** Ends a row of refusals after a success, and the attempt that met it. */
export async function countCredentialAcceptance(db: Queryable, key: CredentialKey): Promise<void> {
  await db.query(sql.countAcceptance, [key.provider, key.login, key.fingerprint]);
}

/** All accounts with refusals. */
export async function readRefusedCredentials(db: Queryable): Promise<(CredentialKey & CredentialState)[]> {
  return (await db.query<CredentialKey & CredentialState & Record<string, unknown>>(sql.readStopped)).rows;
}
