import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  mailboxCounts: defineQuery('operator/mailbox-counts', {
    row: {
      provider: 'text',
      mailboxes: 'integer',
      cached: 'integer',
      new: 'integer',
      ok: 'integer',
      suspect: 'integer',
      stale: 'integer',
      denied: 'integer',
      unreadItems: 'integer',
      oldestSync: 'timestamptz?',
    },
  }),
  suspectMailboxes: defineQuery('operator/suspect-mailboxes', {
    row: {
      provider: 'text',
      address: 'text',
      since: 'timestamptz',
      lost: 'integer',
      of: 'integer',
      views: 'integer',
      nextLook: 'timestamptz?',
      lastBelieved: 'timestamptz?',
      confirmed: 'boolean',
    },
  }),
  confirmMailbox: defineQuery('operator/confirm-mailbox', { params: ['text?'], row: { address: 'text' } }),
  renewEpoch: defineQuery('operator/renew-epoch', { row: { epoch: 'text' } }),
  stoppedCredentials: defineQuery('operator/stopped-credentials', {
    row: { provider: 'text', login: 'text', failures: 'integer', stoppedAt: 'timestamptz' },
  }),
  connectionRoom: defineQuery('operator/connection-room', {
    row: {
      mostConnections: 'integer',
      reserved: 'integer',
      roleLimit: 'integer?',
      databaseLimit: 'integer?',
      openNow: 'integer',
    },
  }),
  syncGroupSizes: defineQuery('operator/sync-group-sizes', { row: { provider: 'text', mailboxes: 'integer' } }),
  retrySignIn: defineQuery('operator/retry-sign-in', { params: ['text?'], row: { provider: 'text', login: 'text' } }),
};

/** How the mailboxes of one provider are. */
interface MailboxCounts {
  readonly provider: string;
  readonly mailboxes: number;
  /** Their first bootstrap was completed. */
  readonly cached: number;
  readonly new: number;
  readonly ok: number;
  /** With a loss that is not believed yet. */
  readonly suspect: number;
  readonly stale: number;
  readonly denied: number;
  /** Calendar items that could not be read. */
  readonly unreadItems: number;
  /** When the healthy mailbox that waited longest was synchronized; null when none was. */
  readonly oldestSync: Date | null;
}

export async function readMailboxCounts(db: Queryable): Promise<MailboxCounts[]> {
  return (await db.query(sql.mailboxCounts)).rows;
}

/** How many connections Postgres lets the connector's role open. */
export interface ConnectionRoom {
  /** `max_connections`: of all roles and databases together. */
  readonly mostConnections: number;
  /** Kept for others: `superuser_reserved_connections` and `reserved_connections`. */
  readonly reserved: number;
  /** Of the role and of the database, as `CONNECTION LIMIT` sets them; null: none. */
  readonly roleLimit: number | null;
  readonly databaseLimit: number | null;
  /** Connections that there are now, of all roles and databases. */
  readonly openNow: number;
}

/** @throws the database's error */
export async function readConnectionRoom(db: Queryable): Promise<ConnectionRoom> {
  const [room] = (await db.query(sql.connectionRoom)).rows;
  if (room === undefined) throw new Error('Postgres did not tell its limits of connections');
  return room;
}

/** Mailboxes in each sync group of each provider, in the order in which the groups get streams. @throws the database's error */
export async function readSyncGroupSizes(db: Queryable): Promise<Map<string, number[]>> {
  const { rows } = await db.query(sql.syncGroupSizes);
  const groups = Map.groupBy(rows, ({ provider }) => provider);
  return new Map([...groups].map(([provider, sizes]) => [provider, sizes.map(({ mailboxes }) => mailboxes)]));
}

/** A mailbox with a loss that is not believed yet. */
interface SuspectMailbox {
  readonly provider: string;
  readonly address: string;
  readonly since: Date;
  /** So many of its events to come are missing. */
  readonly lost: number;
  /** Of so many. */
  readonly of: number;
  /** Complete views that agree on it. */
  readonly views: number;
  readonly nextLook: Date | null;
  /** When a view of it was last believed. */
  readonly lastBelieved: Date | null;
  /** An administrator agreed; the next view is believed. */
  readonly confirmed: boolean;
}

export async function readSuspectMailboxes(db: Queryable): Promise<SuspectMailbox[]> {
  return (await db.query(sql.suspectMailboxes)).rows;
}

/**
 * Agrees to the loss of suspect mailboxes: each is read at once, and that view is believed.
 * @param address canonical; null: all of them
 * @returns the addresses of those that were suspect
 */
export async function confirmMailbox(db: Queryable, address: string | null): Promise<string[]> {
  return (await db.query(sql.confirmMailbox, [address])).rows.map((row) => row.address).sort();
}

/**
 * Makes all issued positions void, so that every client reads anew. Needed after a snapshot of the database's machine was
 * brought back, which the database itself cannot notice.
 * @returns the new epoch
 */
export async function renewEpoch(db: Queryable): Promise<string> {
  const { rows } = await db.query(sql.renewEpoch);
  return rows[0]?.epoch ?? '';
}

/** An account that Exchange refused too often to be used any more. */
interface StoppedCredential {
  readonly provider: string;
  readonly login: string;
  readonly failures: number;
  readonly stoppedAt: Date;
}

export async function readStoppedCredentials(db: Queryable): Promise<StoppedCredential[]> {
  return (await db.query(sql.stoppedCredentials)).rows;
}

/** Lets stopped accounts be tried again. @param login null: all of them @returns those that were stopped */
export async function retrySignIn(
  db: Queryable,
  login: string | null,
): Promise<Pick<StoppedCredential, 'provider' | 'login'>[]> {
  return (await db.query(sql.retrySignIn, [login])).rows;
}
