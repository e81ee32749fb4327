import { z } from 'zod';
import { json, nullable, oneOf } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';

/** The column `mailbox.status`. */
const MAILBOX_STATUS = oneOf('new', 'ok', 'suspect', 'stale', 'denied');

/** A failed sync as codes: no content of the mailbox. */
const SYNC_ERROR = z.object({
  /** Of the cause, such as `ews-timeout`. */
  code: z.string(),
  /** What it means for the next try; null for what no calendar server said. */
  errorClass: z.string().nullable(),
  /** The server's own code or status. */
  detail: z.string().nullable(),
  /** What the server was asked to do. */
  operation: z.string().nullable(),
});

/** A failed sync as codes: see `SYNC_ERROR`. */
export type SyncError = Readonly<z.infer<typeof SYNC_ERROR>>;

/** The column `lastError` of a lease. */
const LAST_ERROR = nullable(json(SYNC_ERROR));

/** A loss that is not believed yet. */
const SUSPICION = z.object({
  /** When a complete view first lacked these events, Unix ms by the database's clock. */
  sinceMs: z.number(),
  /** Complete views, a quarter of an hour apart, that agree on it. */
  views: z.number(),
  /** Ids of the events to come that were missing in the first of them. */
  lost: z.array(z.string()),
  /** How many events were to come then. */
  of: z.number(),
  /** An administrator agreed to lose them. */
  confirmed: z.boolean(),
});

/** A loss that is not believed yet: see `SUSPICION`. */
export type Suspicion = Readonly<z.infer<typeof SUSPICION>>;

/** A mailbox with its lease, as a claim returns it. */
export const LEASE = {
  mailboxId: 'double precision',
  provider: 'text',
  address: 'text',
  ewsUrl: 'text?',
  status: MAILBOX_STATUS,
  folderId: 'text?',
  syncState: 'text?',
  windowFrom: 'timestamptz?',
  windowTo: 'timestamptz?',
  activatedAt: 'timestamptz?',
  cached: 'boolean',
  autoSync: 'boolean?',
  failures: 'integer',
  lastError: LAST_ERROR,
  syncedAt: 'timestamptz?',
  unreadItems: 'integer',
  unreadTries: 'integer',
  rereadAt: 'timestamptz?',
  suspicion: nullable(json(SUSPICION)),
  leaseOwner: 'uuid',
  leaseToken: 'double precision',
  now: 'timestamptz',
} as const;

const sql = {
  groups: defineQuery('sync/read-groups', {
    params: ['integer', 'double precision'],
    row: {
      group: 'text',
      mailboxes: 'integer',
      denied: 'integer',
      stale: 'integer',
      uncached: 'integer',
      suspect: 'integer',
      oldestSyncSeconds: 'double precision?',
      overdueSeconds: 'double precision',
    },
  }),
  readDue: defineQuery('sync/read-due', {
    params: ['text[]', 'text[]', 'integer', 'double precision', 'double precision'],
    row: { mailboxId: 'double precision', provider: 'text', address: 'text', inSeconds: 'double precision' },
  }),
  claim: defineQuery('sync/claim', {
    params: ['uuid', 'bigint[]', 'text[]', 'double precision'],
    row: LEASE,
  }),
  renew: defineQuery('sync/renew-leases', {
    params: ['uuid', 'bigint[]', 'bigint[]', 'double precision'],
    row: { mailboxId: 'double precision', leaseToken: 'double precision' },
  }),
  handBack: defineQuery('sync/hand-back', { params: ['bigint', 'uuid', 'bigint'] }),
  recordFailure: defineQuery('sync/record-failure', {
    params: [
      'bigint',
      'uuid',
      'bigint',
      'text',
      'text',
      'text?',
      'text?',
      'text?',
      'double precision',
      'boolean',
      'boolean',
      'boolean',
      'integer',
    ],
    row: { failures: 'integer' },
  }),
  activate: defineQuery('sync/activate', {
    params: ['bigint', 'uuid', 'bigint', 'timestamptz?'],
    row: { activatedAt: 'timestamptz' },
  }),
  retryFailed: defineQuery('sync/retry-failed', { params: ['text[]', 'text[]'] }),
};

type MailboxStatus = 'new' | 'ok' | 'suspect' | 'stale' | 'denied';

/** The right to synchronize one mailbox for a while, and what the last sync left. */
export interface MailboxLease {
  readonly mailboxId: number;
  readonly provider: string;
  readonly address: string;
  /** Where it is read; null: at its provider's own address. */
  readonly ewsUrl: string | null;
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
  /** The last failure; null after a success. */
  readonly lastError: SyncError | null;
  /** When the last good sync ended whose view was believed, by the database's clock; null before the first one. */
  readonly syncedAt: Date | null;
  /** Items that could not be read when they were last asked for. */
  readonly unreadItems: number;
  /** How often they were asked for again. */
  readonly unreadTries: number;
  /** From when on the whole window is read although nothing is known to have changed; null: nothing asks for it. */
  readonly rereadAt: Date | null;
  /** A loss that is not believed yet; null while the views are believed. */
  readonly suspicion: Suspicion | null;
  readonly leaseOwner: string;
  readonly leaseToken: number;
  /** Database time of the claim. */
  readonly now: Date;
}

/** A sync group, the unit that one live worker owns. */
export interface SyncGroup {
  readonly group: string;
  readonly mailboxes: number;
  readonly denied: number;
  /** Failing, with an old cache or none yet: `FAILURES_UNTIL_STALE` times in a row, or for `STALE_AFTER_SECONDS`. */
  readonly stale: number;
  readonly uncached: number;
  /** With a loss that is not believed yet. */
  readonly suspect: number;
  /** Age of the oldest good sync among its healthy mailboxes; null when there was none yet. */
  readonly oldestSyncSeconds: number | null;
  /** How long the mailbox that waits longest has been due without anybody synchronizing it; 0 when none is. */
  readonly overdueSeconds: number;
}

/** One failure passes, and a second one may be chance: from the third in a row on a mailbox is not kept fresh. */
const FAILURES_UNTIL_STALE = 3;
/** As long as a healthy server needs for all that waits after an outage. */
const STALE_AFTER_SECONDS = 300;

export async function readSyncGroups(db: Queryable): Promise<SyncGroup[]> {
  return (await db.query(sql.groups, [FAILURES_UNTIL_STALE, STALE_AFTER_SECONDS])).rows;
}

/** A mailbox that a worker's configuration lists, under the provider that it is to be read from. */
export interface ListedMailbox {
  readonly provider: string;
  /** Canonical. */
  readonly address: string;
}

/** The mailboxes that a worker may synchronize at this moment. It is asked about those that are due, which are few. */
export interface ReachableMailboxes {
  /** Providers that may be asked now; mailboxes of others are not looked at. */
  readonly providers: readonly string[];
  /** Whether the worker's configuration lists a mailbox and its server may be asked now. */
  has(mailbox: ListedMailbox): boolean;
}

export interface ClaimRequest {
  readonly workerId: string;
  readonly groups: readonly string[];
  readonly reachable: ReachableMailboxes;
  readonly limit: number;
  readonly leaseSeconds: number;
  /** So long after it was due a mailbox of other groups is taken too: their owner does not list it, or hangs. */
  readonly rescueSeconds: number;
  /** How far ahead is looked for what will be due next. */
  readonly aheadSeconds: number;
}

export interface Claim {
  readonly leases: MailboxLease[];
  /** Until the next mailbox is due that is not yet; null when none will be within `aheadSeconds`. */
  readonly nextSeconds: number | null;
}

interface DueMailbox extends ListedMailbox {
  readonly mailboxId: number;
  /** Not positive: it is due. */
  readonly inSeconds: number;
}

/** Where mailboxes that are not the worker's stand in the way, so many times more are read. */
const READ_MORE = 8;

/**
 * Leases on due mailboxes of the worker's groups, and on reachable ones that their groups' owners leave lying; the longest
 * due first. Nobody else gets them meanwhile.
 */
export async function claimDueMailboxes(db: Queryable, request: ClaimRequest): Promise<Claim> {
  const { workerId, leaseSeconds, limit } = request;
  const mailboxes = await readReachable(db, request);
  const due = mailboxes.filter(({ inSeconds }) => inSeconds <= 0).slice(0, limit);
  const future = mailboxes.filter(({ inSeconds }) => inSeconds > 0);
  const nextSeconds = future.length === 0 ? null : Math.min(...future.map(({ inSeconds }) => inSeconds));
  if (due.length === 0) return { leases: [], nextSeconds };
  const ids = due.map(({ mailboxId }) => mailboxId);
  const providers = due.map(({ provider }) => provider);
  const values = [workerId, ids, providers, leaseSeconds] as const;
  const { rows: leases } = await db.query(sql.claim, values);
  return { leases, nextSeconds };
}

/** Reachable mailboxes that are due or will be soon, each once, in the order in which they are to be taken. */
async function readReachable(db: Queryable, request: ClaimRequest): Promise<DueMailbox[]> {
  const { groups, reachable, limit, rescueSeconds, aheadSeconds } = request;
  for (let most = limit; ; most *= READ_MORE) {
    const values = [groups, reachable.providers, most, aheadSeconds, rescueSeconds] as const;
    const { rows } = await db.query(sql.readDue, values);
    const mine = rows.filter((mailbox) => reachable.has(mailbox));
    const isAll = mine.length === rows.length || rows.length < most;
    if (isAll || mine.filter(({ inSeconds }) => inSeconds <= 0).length >= limit) return firstOfEach(mine);
  }
}

function firstOfEach(mailboxes: readonly DueMailbox[]): DueMailbox[] {
  const known = new Map<number, DueMailbox>();
  for (const mailbox of mailboxes.toSorted((a, b) => Number(a.inSeconds > 0) - Number(b.inSeconds > 0))) {
    if (!known.has(mailbox.mailboxId)) known.set(mailbox.mailboxId, mailbox);
  }
  return [...known.values()];
}

/** Prolongs leases. @returns those that were still held */
export async function renewLeases(
  db: Queryable,
  workerId: string,
  leases: readonly MailboxLease[],
  leaseSeconds: number,
): Promise<Set<MailboxLease>> {
  const ids = leases.map((lease) => lease.mailboxId);
  const tokens = leases.map((lease) => lease.leaseToken);
  const values = [workerId, ids, tokens, leaseSeconds] as const;
  const { rows } = await db.query(sql.renew, values);
  const held = new Map(rows.map(({ mailboxId, leaseToken }) => [mailboxId, leaseToken]));
  return new Set(leases.filter(({ mailboxId, leaseToken }) => held.get(mailboxId) === leaseToken));
}

/** Gives a lease back unused: the mailbox is due at once. */
export async function handBackLease(db: Queryable, lease: MailboxLease): Promise<void> {
  await db.query(sql.handBack, [lease.mailboxId, lease.leaseOwner, lease.leaseToken]);
}

export interface SyncFailure {
  readonly status: MailboxStatus;
  readonly error: SyncError;
  readonly retrySeconds: number;
  /** False for what says nothing of the mailbox, such as a server that is away: its back-off does not grow. */
  readonly counts: boolean;
  /** The server asked for this pause: until it is over nobody synchronizes the mailbox, whatever makes it due. Default false. */
  readonly held?: boolean;
  /** The server does not have the mailbox, or not for long: Autodiscover is asked where it is. Default false. */
  readonly lost?: boolean;
}

/** Ends a lease with a failure: cache and sync state stay as they are. */
export async function recordSyncFailure(db: Queryable, lease: MailboxLease, failure: SyncFailure): Promise<void> {
  const { status, error, retrySeconds, counts, held = false, lost = false } = failure;
  const values = [
    lease.mailboxId,
    lease.leaseOwner,
    lease.leaseToken,
    status,
    error.code,
    error.errorClass,
    error.detail,
    error.operation,
    retrySeconds,
    counts,
    held,
    lost,
    FAILURES_UNTIL_STALE,
  ] as const;
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
  const values = [lease.mailboxId, lease.leaseOwner, lease.leaseToken, serverTime] as const;
  return (await db.query(sql.activate, values)).rows[0]?.activatedAt ?? null;
}

/**
 * Makes mailboxes due that failed, because the way to their server has changed. Those that their server asked to be left
 * alone stay so.
 */
export async function retryFailedMailboxes(db: Queryable, mailboxes: readonly ListedMailbox[]): Promise<void> {
  if (mailboxes.length === 0) return;
  const providers = mailboxes.map(({ provider }) => provider);
  const addresses = mailboxes.map(({ address }) => address);
  await db.query(sql.retryFailed, [providers, addresses]);
}
