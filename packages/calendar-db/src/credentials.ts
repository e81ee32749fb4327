import type { Queryable } from './database.ts';
import { sqlFile } from './sql-file.ts';

const sql = {
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

/** Counts a 401 for all workers. */
export async function countCredentialRefusal(
  db: Queryable,
  key: CredentialKey,
  error: string,
): Promise<CredentialState> {
  const values = [key.provider, key.login, key.fingerprint, error];
  const { rows } = await db.query<{ failures: number; stopped: boolean }>(sql.countRefusal, values);
  return rows[0] ?? { failures: 1, stopped: false };
}

/** Ends a row of refusals after a success. */
export async function countCredentialAcceptance(db: Queryable, key: CredentialKey): Promise<void> {
  await db.query(sql.countAcceptance, [key.provider, key.login, key.fingerprint]);
}

/** All accounts with refusals. */
export async function readRefusedCredentials(db: Queryable): Promise<(CredentialKey & CredentialState)[]> {
  return (await db.query<CredentialKey & CredentialState & Record<string, unknown>>(sql.readStopped)).rows;
}
