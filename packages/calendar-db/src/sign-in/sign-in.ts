import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  store: defineQuery('sign-in/store-refresh-token', { params: ['bytea', 'text', 'text', 'double precision'] }),
  read: defineQuery('sign-in/read-refresh-token', { params: ['bytea'], row: { serverId: 'text', userId: 'text' } }),
  revoke: defineQuery('sign-in/revoke-refresh-tokens', { params: ['text', 'text'] }),
  forgetExpired: defineQuery('sign-in/forget-expired'),
  count: defineQuery('sign-in/count-attempt', {
    params: ['text[]', 'double precision'],
    row: { subject: 'text', failures: 'integer', secondsLeft: 'double precision' },
  }),
  takeBack: defineQuery('sign-in/take-back-attempt', { params: ['text[]'] }),
  clear: defineQuery('sign-in/clear-attempts', { params: ['text'] }),
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
  return (await db.query(sql.read, [hash])).rows[0] ?? null;
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
  const values = [[...new Set(subjects)].sort(), windowSeconds] as const;
  return (await db.query(sql.count, values)).rows;
}

/** The attempt just counted was no failure of theirs. */
export async function takeBackSignInAttempt(db: Queryable, subjects: readonly string[]): Promise<void> {
  await db.query(sql.takeBack, [[...subjects].sort()]);
}

/** Forgets what was counted for somebody, after a success. */
export async function clearSignInAttempts(db: Queryable, subject: string): Promise<void> {
  await db.query(sql.clear, [subject]);
}
