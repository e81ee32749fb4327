import { randomUUID } from 'node:crypto';
import { claimDueMailboxes, type MailboxLease, registerMailboxes } from 'calendar-db/sync';
import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import type { TrueOccurrence } from 'exchange-simulator';
import { type CalendarProvider, type SyncOutcome, type SyncSettings, syncMailbox } from 'sync-worker';
import type { SimulatedCalendar } from './simulated-calendar.ts';

const SETTINGS: SyncSettings = { backward: 1, forward: 1, autoSync: true, pollSeconds: 0, repairDays: 7 };
const signal = new AbortController().signal;

/** One event, as far as a calendar shows when and what it is. */
export interface Shown {
  readonly kind: string;
  readonly subject: string;
  readonly location: string;
  readonly start: string;
  readonly end: string;
  readonly originalStart: string | null;
  readonly dates: string | null;
}

/** A mailbox of the simulator and its cache in the database. */
export class SyncedMailbox {
  readonly address: string;
  readonly #calendar: SimulatedCalendar;
  readonly #database: SqlDatabase;
  readonly #provider: CalendarProvider;

  private constructor(calendar: SimulatedCalendar, database: SqlDatabase, address: string) {
    this.#calendar = calendar;
    this.#database = database;
    this.#provider = calendar.provider();
    this.address = address;
  }

  static async make(calendar: SimulatedCalendar, database: SqlDatabase): Promise<SyncedMailbox> {
    const mailbox = new SyncedMailbox(calendar, database, await calendar.mailbox());
    await registerMailboxes(database, mailbox.#provider.key, [mailbox.address], { groupSize: 150, move: true });
    return mailbox;
  }

  /** Runs one sync, as its owner does. */
  async sync(settings: Partial<SyncSettings> = {}): Promise<SyncOutcome> {
    return syncMailbox(this.#database, this.#provider, await this.#claim(), { ...SETTINGS, ...settings }, signal);
  }

  /** Makes the database believe that the last good sync was so many days ago, and that nobody holds the mailbox. */
  async wait(days: number): Promise<void> {
    await this.#database.query(
      'UPDATE calendar.mailbox SET synced_at = synced_at - make_interval(days => $2), lease_until = NULL WHERE address = $1',
      [this.address, days],
    );
  }

  /** What the database holds, in order. */
  async cached(): Promise<Shown[]> {
    const { rows } = await this.#database.query<Record<string, unknown> & { start_at: Date }>(
      `SELECT kind, subject, location, start_at, end_at, original_start, start_date || '/' || end_date AS dates
       FROM calendar.event JOIN calendar.mailbox USING (mailbox_id) WHERE address = $1 AND gone_at IS NULL`,
      [this.address],
    );
    const iso = (time: unknown) => (time instanceof Date ? time.toISOString() : null);
    return inOrder(
      rows.map((row) => ({
        kind: String(row.kind),
        subject: String(row.subject),
        location: String(row.location),
        start: iso(row.start_at) ?? '',
        end: iso(row.end_at) ?? '',
        originalStart: iso(row.original_start),
        dates: row.dates === null ? null : String(row.dates),
      })),
    );
  }

  /** What the simulator really holds in the window that the cache covers, in order. */
  async truth(): Promise<Shown[]> {
    const { rows } = await this.#database.query<{ from: Date; to: Date }>(
      'SELECT window_from AS "from", window_to AS "to" FROM calendar.mailbox WHERE address = $1',
      [this.address],
    );
    const window = rows[0] ?? { from: new Date(), to: new Date() };
    return inOrder((await this.#calendar.truth(this.address, window)).map(shown));
  }

  async #claim(): Promise<MailboxLease> {
    const { leases } = await claimDueMailboxes(this.#database, {
      ...{ workerId: randomUUID(), groups: [], limit: 1, leaseSeconds: 60, rescueSeconds: 0, aheadSeconds: 0 },
      reachable: { providers: [this.#provider.key], has: ({ address }) => address === this.address },
    });
    const [lease] = leases;
    if (lease === undefined) throw new Error(`${this.address} is not due`);
    return lease;
  }
}

function shown(one: TrueOccurrence): Shown {
  return {
    kind: one.kind.toLowerCase(),
    subject: one.subject ?? '',
    location: one.location ?? '',
    start: one.start,
    end: one.end,
    originalStart: one.originalStart,
    dates: one.allDay ? `${one.startDate}/${one.endDate}` : null,
  };
}

function inOrder(events: readonly Shown[]): Shown[] {
  const key = ({ start, subject, originalStart }: Shown) => `${start} ${subject} ${originalStart}`;
  return [...events].sort((a, b) => key(a).localeCompare(key(b)));
}
