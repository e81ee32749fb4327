import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  takePermit: defineQuery('sync/take-sign-in-permit', {
    params: ['text', 'text', 'text', 'uuid', 'double precision', 'boolean', 'integer'],
    row: { granted: 'boolean', stopped: 'boolean', waitMs: 'double precision', doubtful: 'boolean', at: 'text' },
  }),
  renewPermits: defineQuery('sync/renew-sign-in-permits', {
    params: ['text', 'text', 'text', 'uuid[]', 'double precision', 'boolean'],
    row: { kept: 'text[]', stopped: 'boolean', doubtful: 'boolean', wanted: 'boolean', at: 'text' },
  }),
  giveBackPermits: defineQuery('sync/give-back-sign-in-permits', {
    params: ['text', 'text', 'text', 'uuid[]', 'boolean'],
  }),
  countRefusal: defineQuery('sync/count-refusal', {
    params: ['text', 'text', 'text', 'uuid?', 'text', 'integer'],
    row: { failures: 'integer', stopped: 'boolean' },
  }),
  countAcceptance: defineQuery('sync/count-acceptance', { params: ['text', 'text', 'text', 'timestamptz'] }),
  readStopped: defineQuery('sync/read-stopped', {
    row: { provider: 'text', login: 'text', fingerprint: 'text', failures: 'integer', stopped: 'boolean' },
  }),
};

/**
 * So many refusals in a row stop a password, and so many permits to use it there are: a directory locks an account after a
 * few wrong passwords (docs/reference/exchange.md §2).
 */
export const MOST_REFUSALS = 3;

/** One service account with one password; another password is another account to the counters. */
export interface CredentialKey {
  readonly provider: string;
  readonly login: string;
  /** Keyed fingerprint of the password. */
  readonly fingerprint: string;
}

interface CredentialState {
  /** Refusals in a row, by all workers together. */
  readonly failures: number;
  /** After three: nobody uses it until its password changes. */
  readonly stopped: boolean;
}

/** How a password stands at a moment of the database's clock. */
export interface CredentialStanding {
  /** Three refusals in a row: not to be used until it changes. */
  readonly stopped: boolean;
  /** Never accepted, or refused, maybe unseen, since: its next success is worth being told. */
  readonly doubtful: boolean;
  /** The moment, as the database writes it: to the microsecond. */
  readonly at: string;
}

interface PermitAnswer extends CredentialStanding {
  readonly granted: boolean;
  /** Milliseconds until uses whose end nobody saw are forgotten. When 0, others have the permits, or it is stopped. */
  readonly waitMs: number;
}

interface PermitRenewal extends CredentialStanding {
  /** The permits that the asking worker still has. */
  readonly kept: readonly string[];
  /** Another worker looks for one: one of these is to be given back. */
  readonly wanted: boolean;
}

const values = ({ provider, login, fingerprint }: CredentialKey) => [provider, login, fingerprint] as const;

/** How permits are held. */
interface PermitTerms {
  /** After so many seconds they are given up, unless renewed. */
  readonly seconds: number;
}

/**
 * Asks for one of the three permits to use a password. With those that are given, no more uses can be under way in all
 * workers together than refusals are left before the password is stopped; a doubtful one is used by one at a time.
 *
 * @param permit a new UUID
 * @param urgent whether others, with more permits than their share, are to yield one
 */
export async function takeSignInPermit(
  db: Queryable,
  key: CredentialKey,
  permit: string,
  { seconds, urgent }: PermitTerms & { readonly urgent: boolean },
): Promise<PermitAnswer> {
  const given = [...values(key), permit, seconds, urgent, MOST_REFUSALS] as const;
  return only(await db.query(sql.takePermit, given));
}

/** Keeps permits. @param yields whether the worker can do with one less, if another one has been asking for it */
export async function renewSignInPermits(
  db: Queryable,
  key: CredentialKey,
  permits: readonly string[],
  { seconds, yields }: PermitTerms & { readonly yields: boolean },
): Promise<PermitRenewal> {
  const given = [...values(key), permits, seconds, yields] as const;
  return only(await db.query(sql.renewPermits, given));
}

/** Gives permits back whose uses ended without a refusal; `unseen`: they may have been refused. */
export async function giveBackSignInPermits(
  db: Queryable,
  key: CredentialKey,
  permits: readonly string[],
  unseen = false,
): Promise<void> {
  await db.query(sql.giveBackPermits, [...values(key), permits, unseen]);
}

/** Counts a 401 for all workers; the permit of the use that met it is spent. */
export async function countCredentialRefusal(
  db: Queryable,
  key: CredentialKey,
  error: string,
  permit: string | null = null,
): Promise<CredentialState> {
  const given = [...values(key), permit, error, MOST_REFUSALS] as const;
  return only(await db.query(sql.countRefusal, given));
}

/** Ends a row of refusals after a success. @param since when its use began, by the database's clock: what came later counts */
export async function countCredentialAcceptance(db: Queryable, key: CredentialKey, since: string): Promise<void> {
  await db.query(sql.countAcceptance, [...values(key), since]);
}

/** All accounts with refusals. */
export async function readRefusedCredentials(db: Queryable): Promise<(CredentialKey & CredentialState)[]> {
  return (await db.query(sql.readStopped)).rows;
}

/** The answer of a function that always gives one row. */
function only<Row>({ rows: [row] }: { rows: Row[] }): Row {
  if (row === undefined) throw new Error('the function gives one row');
  return row;
}
