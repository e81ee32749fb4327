import type { CalendarDatabase } from '../database/database.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import { assignGroups, lockRegistration } from './group-assignment.ts';

const sql = {
  isDue: defineQuery('places/is-due', { params: ['text'], row: { due: 'boolean' } }),
  take: defineQuery('places/take-questions', {
    params: ['text', 'text[]', 'integer', 'double precision'],
    row: { address: 'text', ewsUrl: 'text?', lost: 'boolean' },
  }),
  answer: defineQuery('places/answer', {
    params: ['text', 'text[]', 'text?[]', 'text?[]', 'double precision'],
    row: { address: 'text', ewsUrl: 'text?', moved: 'boolean', regrouped: 'boolean' },
  }),
  defer: defineQuery('places/defer', { params: ['text', 'text[]', 'double precision'] }),
  readMoved: defineQuery('places/read-moved', { params: ['text'], row: { address: 'text', ewsUrl: 'text' } }),
};

/** A mailbox whose place Autodiscover is to be asked for. */
export interface PlaceQuestion {
  readonly address: string;
  /** Where it is read; null: at its provider's own address. */
  readonly ewsUrl: string | null;
  /** There it was not found, or is being moved away. */
  readonly lost: boolean;
}

/** Where a mailbox is. */
export interface MailboxPlace {
  readonly address: string;
  /** Mailboxes of one grouping may share a stream; null: not told. */
  readonly grouping: string | null;
  /** Null: at its provider's own address. */
  readonly ewsUrl: string | null;
}

interface PlaceTerms {
  /** Mailboxes in a sync group at most. */
  readonly groupSize: number;
  /** Seconds until they are asked about again, a tenth more or less. */
  readonly goodFor: number;
}

/** What new places led to. */
export interface PlacedMailboxes {
  /** Are read at another address from now on, and due at once. */
  readonly moved: readonly { readonly address: string; readonly ewsUrl: string | null }[];
  /** How many came into another sync group. */
  readonly regrouped: number;
}

/**
 * Takes mailboxes of a provider whose place is to be asked for; nobody else gets them for a while.
 * @param among addresses of which it may be @param seconds after which they are due again, unless answered
 */
export async function takePlaceQuestions(
  db: Queryable,
  provider: string,
  among: readonly string[],
  { most, seconds }: { readonly most: number; readonly seconds: number },
): Promise<PlaceQuestion[]> {
  // Asked first, since a place is asked for once a week and `among` are thousands of addresses.
  const { rows: any } = await db.query(sql.isDue, [provider]);
  if (any[0]?.due !== true) return [];
  return (await db.query(sql.take, [provider, among, most, seconds])).rows;
}

/** Writes where mailboxes are. Those of another place than before come into sync groups of that place at once. */
export async function answerMailboxPlaces(
  db: CalendarDatabase,
  provider: string,
  places: readonly MailboxPlace[],
  { groupSize, goodFor }: PlaceTerms,
): Promise<PlacedMailboxes> {
  if (places.length === 0) return { moved: [], regrouped: 0 };
  const values = [
    provider,
    places.map(({ address }) => address),
    places.map(({ grouping }) => grouping),
    places.map(({ ewsUrl }) => ewsUrl),
    goodFor,
  ] as const;
  return db.transaction(async (client) => {
    // Groups are given out by one at a time.
    await client.query(lockRegistration);
    const { rows } = await client.query(sql.answer, values);
    const regrouped = rows.filter((row) => row.regrouped).length;
    if (regrouped > 0) await client.query(assignGroups, [provider, groupSize]);
    return {
      moved: rows.filter(({ moved }) => moved).map(({ address, ewsUrl }) => ({ address, ewsUrl })),
      regrouped,
    };
  });
}

/** Puts questions off that could not be asked. */
export async function deferPlaceQuestions(
  db: Queryable,
  provider: string,
  addresses: readonly string[],
  seconds: number,
): Promise<void> {
  if (addresses.length > 0) await db.query(sql.defer, [provider, addresses, seconds]);
}

/** The mailboxes of a provider that are read elsewhere than at its own address. */
export async function readMovedMailboxes(
  db: Queryable,
  provider: string,
): Promise<{ address: string; ewsUrl: string }[]> {
  return (await db.query(sql.readMoved, [provider])).rows;
}
