import type { Queryable } from './database.ts';
import { sqlFile } from './sql-file.ts';

const sql = {
  register: sqlFile('sync/register-mailboxes'),
  groups: sqlFile('sync/read-groups'),
  claimDue: sqlFile('sync/claim-due'),
  nextDue: sqlFile('sync/next-due'),
  renew: sqlFile('sync/renew-leases'),
  handBack: sqlFile('sync/hand-back'),
  recordFailure: sqlFile('sync/record-failure'),
  activate: sqlFile('sync/activate'),
  markDelisted: sqlFile('sync/mark-delisted'),
  removeDelisted: sqlFile('sync/remove-delisted'),
  confirmRemoval: sqlFile('sync/confirm-removal'),
};

export type MailboxStatus = 'new' | 'ok' | 'stale' | 'denied';

/** The right to synchronize one mailbox for a while, and what the last sync left. */
export interface MailboxLease {
  readonly mailboxId: number;
  readonly provider: string;
  readonly address: string;
  readonly status: MailboxStatus;
  readonly folderId: string | null;
  readonly syncState: string | null;
  readonly windowFrom: Date | null;
  readonly windowTo: Date | null;
  readonly activatedAt: Date | null;
  /** The first bootstrap was completed. */
  readonly cached: boolean;
  /** What `cache.autoSync` was when the whole window was last read; null before. */
  readonly autoSync: boolean | null;
  readonly failures: number;
  readonly leaseOwner: string;
  readonly leaseToken: number;
  /** Database time of the claim. */
  readonly now: Date;
}

/**
 * Makes sure that all listed mailboxes of a provider are known, each in a sync group of at most `groupSize`.
 * @returns how many were added, and how many delisted ones are listed again
 */
export async function registerMailboxes(
  db: Queryable,
  provider: string,
  addresses: readonly string[],
  groupSize: number,
): Promise<{ added: number; relisted: number }> {
  const { rows } = await db.query<{ added: number; relisted: number }>(sql.register, [provider, addresses, groupSize]);
  return rows[0] ?? { added: 0, relisted: 0 };
}

/** A sync group, the unit that one live worker owns. */
export interface SyncGroup {
  readonly group: string;
  readonly mailboxes: number;
  readonly denied: number;
  readonly stale: number;
  readonly uncached: number;
  /** Age of the oldest good sync among its healthy mailboxes; null when there was none yet. */
  readonly oldestSyncSeconds: number | null;
}

export async function readSyncGroups(db: Queryable): Promise<SyncGroup[]> {
  return (await db.query<SyncGroup & Record<string, unknown>>(sql.groups)).rows;
}

export interface ClaimRequest {
  readonly workerId: string;
  readonly groups: readonly string[];
  /** Canonical addresses that the worker's configuration lists. */
  readonly addresses: readonly string[];
  readonly limit: number;
  readonly leaseSeconds: number;
}

/** Leases on due mailboxes of the worker's groups, the longest due first; nobody else gets them meanwhile. */
export async function claimDueMailboxes(db: Queryable, request: ClaimRequest): Promise<MailboxLease[]> {
  const { workerId, groups, limit, leaseSeconds, addresses } = request;
  const values = [workerId, groups, limit, leaseSeconds, addresses];
  return (await db.query<MailboxLease & Record<string, unknown>>(sql.claimDue, values)).rows;
}

/** Seconds until a mailbox of these groups is due; negative when one is overdue, null when there is none. */
export async function secondsToNextDue(
  db: Queryable,
  groups: readonly string[],
  addresses: readonly string[],
): Promise<number | null> {
  const { rows } = await db.query<{ seconds: number | null }>(sql.nextDue, [groups, addresses]);
  return rows[0]?.seconds ?? null;
}

/** Prolongs leases. @returns the ids of the mailboxes whose lease was still held. */
export async function renewLeases(
  db: Queryable,
  workerId: string,
  leases: readonly MailboxLease[],
  leaseSeconds: number,
): Promise<Set<number>> {
  const ids = leases.map((lease) => lease.mailboxId);
  const tokens = leases.map((lease) => lease.leaseToken);
  const { rows } = await db.query<{ mailboxId: number }>(sql.renew, [workerId, ids, tokens, leaseSeconds]);
  return new Set(rows.map((row) => row.mailboxId));
}

/** Gives a lease back unused: the mailbox is due at once. */
export async function handBackLease(db: Queryable, lease: MailboxLease): Promise<void> {
  await db.query(sql.handBack, [lease.mailboxId, lease.leaseOwner, lease.leaseToken]);
}

export interface SyncFailure {
  readonly status: MailboxStatus;
  /** What happened, as codes: no content of the mailbox. */
  readonly error: string;
  readonly retrySeconds: number;
  /** False for what is not the mailbox's fault, such as throttling. */
  readonly counts: boolean;
}

/** Ends a lease with a failure: cache and sync state stay as they are. */
export async function recordSyncFailure(db: Queryable, lease: MailboxLease, failure: SyncFailure): Promise<void> {
  const { status, error, retrySeconds, counts } = failure;
  const values = [lease.mailboxId, lease.leaseOwner, lease.leaseToken, status, error, retrySeconds, counts];
  await db.query(sql.recordFailure, values);
}

/**
 * Notes the moment of first contact on Exchange's clock (`serverTime`; the database's clock when it is not known).
 * @returns the moment that holds, or null when the lease is lost
 */
export async function activateMailbox(
  db: Queryable,
  lease: MailboxLease,
  serverTime: Date | null,
): Promise<Date | null> {
  const values = [lease.mailboxId, lease.leaseOwner, lease.leaseToken, serverTime];
  return (await db.query<{ activatedAt: Date }>(sql.activate, values)).rows[0]?.activatedAt ?? null;
}

/**
 * Marks mailboxes that no live sync-worker lists and removes those that were marked for longer than the grace.
 * @returns the removed addresses, and how many wait for `confirmRemoval` because over a fifth would go at once
 */
export async function removeDelistedMailboxes(
  db: Queryable,
  times: { readonly deadWorkerSeconds: number; readonly graceSeconds: number },
): Promise<{ removed: string[]; waiting: number }> {
  await db.query(sql.markDelisted, [times.deadWorkerSeconds]);
  const { rows } = await db.query<{ removed: string[]; waiting: number }>(sql.removeDelisted, [times.graceSeconds]);
  return rows[0] ?? { removed: [], waiting: 0 };
}

/** Agrees to the removal of all delisted mailboxes. @returns their addresses. */
export async function confirmRemoval(db: Queryable): Promise<string[]> {
  return (await db.query<{ address: string }>(sql.confirmRemoval)).rows.map((row) => row.address);
}
