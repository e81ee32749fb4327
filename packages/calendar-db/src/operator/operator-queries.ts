import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  mailboxCounts: defineQuery('operator/mailbox-counts', {
    row: {
      provider: 'text',
      mailboxes: 'integer',
      cached: 'integer',
      new: 'integer',
      ok: 'integer',
      stale: 'integer',
      denied: 'integer',
      unreadItems: 'integer',
      oldestSync: 'timestamptz?',
    },
  }),
  renewEpoch: defineQuery('operator/renew-epoch', { row: { epoch: 'text' } }),
  stoppedCredentials: defineQuery('operator/stopped-credentials', {
    row: { provider: 'text', login: 'text', failures: 'integer', stoppedAt: 'timestamptz' },
  }),
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
