import { randomUUID } from 'node:crypto';
import { claimDueMailboxes, type MailboxLease, registerMailboxes } from 'calendar-db/sync';
import type { TestDatabase } from 'calendar-db/testing';
import type { SyncOutcome, SyncSettings } from '../engine/sync-mailbox.ts';
import { syncMailbox } from '../engine/sync-mailbox.ts';
import { FakeCalendar, type FakeItem } from './fake-calendar.ts';

const SETTINGS: SyncSettings = { backward: 2, forward: 3, autoSync: true, pollSeconds: 0, repairDays: 7 };
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A live row of the cache, as far as tests look at it. */
export interface LiveRow {
  readonly eventId: string;
  readonly itemId: string;
  readonly subject: string;
  readonly details: string;
  readonly duplicateOf: string | null;
  readonly attendees: readonly { readonly address: string }[];
}

/** One mailbox with a calendar in memory, synchronized by hand, each time by another worker. */
export class CalendarSync {
  readonly calendar: FakeCalendar = new FakeCalendar();
  readonly address: string = `${randomUUID()}@corp.example`;
  readonly #db: TestDatabase;

  private constructor(db: TestDatabase) {
    this.#db = db;
  }

  static async start(db: TestDatabase): Promise<CalendarSync> {
    const made = new CalendarSync(db);
    await registerMailboxes(db.database, made.calendar.key, [made.address], { groupSize: 150, move: true });
    return made;
  }

  /** An item of an hour's length that begins so many days from now. */
  item(itemId: string, days = 1, given: Partial<FakeItem> = {}): FakeItem {
    const start = given.start ?? new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS);
    return {
      ...{ itemId, uid: `uid of ${itemId} ${this.address}`, subject: itemId, start },
      end: new Date(start.getTime() + HOUR_MS),
      lastModified: new Date(),
      ...given,
    };
  }

  /** @throws Error when the mailbox is not due */
  async claim(): Promise<MailboxLease> {
    const { rows } = await this.#db.database.query<{ group: string }>(
      'SELECT sync_group AS "group" FROM calendar.mailbox WHERE address = $1',
      [this.address],
    );
    const { leases } = await claimDueMailboxes(this.#db.database, {
      ...{ workerId: randomUUID(), groups: rows.map(({ group }) => group) },
      ...{ limit: 1, leaseSeconds: 30, rescueSeconds: 60, aheadSeconds: 0 },
      reachable: { providers: [this.calendar.key], has: ({ address }) => address === this.address },
    });
    const [lease] = leases;
    if (lease === undefined) throw new Error('the mailbox is not due');
    return lease;
  }

  async sync(settings: Partial<SyncSettings> = {}): Promise<SyncOutcome> {
    const lease = await this.claim();
    const { signal } = new AbortController();
    return syncMailbox(this.#db.database, this.calendar, lease, { ...SETTINGS, ...settings }, signal);
  }

  /** Lets time pass for the mailbox, as its marks in the database tell it. */
  async later(interval: string): Promise<void> {
    await this.#db.database.query(
      `UPDATE calendar.mailbox SET suspect_since = suspect_since - $2::interval, reread_at = reread_at - $2::interval,
         next_sync_at = next_sync_at - $2::interval WHERE address = $1`,
      [this.address, interval],
    );
  }

  async rows(): Promise<LiveRow[]> {
    const { rows } = await this.#db.database.query<LiveRow>(
      `SELECT event_id AS "eventId", item_id AS "itemId", subject, details, duplicate_of AS "duplicateOf", attendees
       FROM calendar.event JOIN calendar.mailbox USING (mailbox_id)
       WHERE address = $1 AND gone_at IS NULL ORDER BY item_id`,
      [this.address],
    );
    return rows;
  }

  async itemIds(): Promise<string[]> {
    return (await this.rows()).map(({ itemId }) => itemId);
  }

  /** A value of the mailbox's row. */
  async mailbox<Value>(expression: string): Promise<Value> {
    const { rows } = await this.#db.database.query<{ value: Value }>(
      `SELECT ${expression} AS value FROM calendar.mailbox WHERE address = $1`,
      [this.address],
    );
    return rows[0]!.value;
  }
}
