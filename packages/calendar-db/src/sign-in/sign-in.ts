import type { Queryable } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';

const sql = {
  store: sqlFile('sign-in/store-refresh-token'),
  read: sqlFile('sign-in/read-refresh-token'),
  revoke: sqlFile('sign-in/revoke-refresh-tokens'),
  forgetExpired: sqlFile('sign-in/forget-expired'),
  count: sqlFile('sign-in/count-attempt'),
  takeBack: sqlFile('sign-in/take-back-attempt'),
  clear: sqlFile('sign-in/clear-attempts'),
};

/** A person as one TrueConf Server knows him. */
interface ServerUser {
  readonly serverId: string;
  readonly userId: string;
}

/** Keeps a refresh token's hash; the token itself is never stored. */
export async function storeRefreshToken(
  db: Queryable,
  hash: Buffer,
  { serverId, userId }: ServerUser,
  secondsToLive: number,
): Promise<void> {
  await db.query(sql.store, [hash, serverId, userId, secondsToLive]);
}

/** Whose refresh token this is; null when it is unknown, revoked or has expired. */
export async function readRefreshToken(db: Queryable, hash: Buffer): Promise<ServerUser | null> {
  return (await db.query<ServerUser & Record<string, unknown>>(sql.read, [hash])).rows[0] ?? null;
}

/** Makes all refresh tokens of a user useless. */
export async function revokeRefreshTokens(db: Queryable, { serverId, userId }: ServerUser): Promise<void> {
  await db.query(sql.revoke, [serverId, userId]);
}

/** Removes refresh tokens and failure counts whose time is over. */
export async function forgetExpiredSignIns(db: Queryable): Promise<void> {
  await db.query(sql.forgetExpired);
}

/** How many attempts were counted for somebody in the running window. */
interface AttemptCount {
  readonly subject: string;
  readonly failures: number;
  /** Until the window ends. */
  readonly secondsLeft: number;
}

/**
 * Counts one sign-in attempt for each subject before its outcome is known; one that did not fail is taken back.
 *
 * @param subjects opaque names of those for whom it counts
 * @param windowSeconds how long a window lasts that begins now
 * @returns the counts including this attempt
 */
export async function countSignInAttempt(
  db: Queryable,
  subjects: readonly string[],
  windowSeconds: number,
): Promise<AttemptCount[]> {
  const values = [[...new Set(subjects)].sort(), windowSeconds];
  return (await db.query<AttemptCount & Record<string, unknown>>(sql.count, values)).rows;
}

/** The attempt just counted was no failure of theirs. */
export async function takeBackSignInAttempt(db: Queryable, subjects: readonly string[]): Promise<void> {
  await db.query(sql.takeBack, [[...subjects].sort()]);
}

/** Forgets what was counted for somebody, after a success. */
export async function clearSignInAttempts(db: Queryable, subject: string): Promise<void> {
  await db.query(sql.clear, [subject]);
}
