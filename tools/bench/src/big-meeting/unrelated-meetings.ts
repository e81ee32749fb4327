import type { MailboxLease } from 'calendar-db/sync';
import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import { addressOf, CalendarWriter, until } from 'stack-driver';
import { copyOf, takeLeases, writeCopies } from '../latency/meetings.ts';
import type { Company } from './company.ts';

/** Those that are saved in Exchange begin later than conferences are created ahead: planning is all that happens to them. */
const AHEAD_MS = 30 * 3_600_000;
const LENGTH_MS = 1_800_000;
const PATIENCE_MS = 300_000;
/** From one meeting's plan to the next meeting. */
const PAUSE_MS = 500;

/** A small meeting that came while something happened to the big one, unix ms. */
export interface UnrelatedMeeting {
  /** The database had it. */
  readonly committedMs: number;
  /** Its conference was planned. */
  readonly plannedMs: number;
  /** The place of its plan in the change log. */
  readonly plannedSeq: number;
}

const PLANNED = `
  SELECT extract(epoch FROM min(c.at) FILTER (WHERE c.kind = 'event'))::float8 * 1000 AS "committedMs",
    extract(epoch FROM min(c.at) FILTER (WHERE c.kind = 'conference'))::float8 * 1000 AS "plannedMs",
    (min(c.seq) FILTER (WHERE c.kind = 'conference'))::float8 AS "plannedSeq"
  FROM calendar.change c WHERE c.event_id = $1`;
const EVENT_OF = 'SELECT event_id AS "eventId" FROM calendar.event WHERE subject = $1 LIMIT 1';

/**
 * Small meetings of people who have nothing to do with the big one. One after the other comes straight into the database, as
 * a sync-worker saves it, so that there are some at every moment. One more is saved in Exchange, and waits until its mailbox is
 * read among all others that changed.
 */
export class UnrelatedMeetings {
  readonly #database: SqlDatabase;
  readonly #writer: CalendarWriter;
  readonly #guest: string;
  readonly #pair: readonly [string, string];
  readonly #lease: MailboxLease;
  #made = 0;

  private constructor(database: SqlDatabase, ewsUrl: string, { outside, direct }: Company, lease: MailboxLease) {
    this.#database = database;
    this.#writer = new CalendarWriter(ewsUrl, addressOf(outside[0]));
    this.#guest = addressOf(outside[1]);
    this.#pair = direct;
    this.#lease = lease;
  }

  static async prepare(database: SqlDatabase, ewsUrl: string, company: Company): Promise<UnrelatedMeetings> {
    const [organizer] = company.direct;
    const lease = (await takeLeases(database, [organizer])).get(addressOf(organizer));
    if (lease === undefined) throw new Error(`the mailbox of ${organizer} is not cached`);
    return new UnrelatedMeetings(database, ewsUrl, company, lease);
  }

  /**
   * Makes meetings until `work` is done, one at least.
   * @returns what `work` gave, the meetings, and how long the one in Exchange took until its conference was planned
   * @throws NotInTimeError when one is not planned
   */
  async during<Result>(
    work: Promise<Result>,
  ): Promise<{ result: Result; meetings: UnrelatedMeeting[]; throughExchangeMs: number }> {
    let isOver = false;
    const done = work.finally(() => {
      isOver = true;
    });
    const meetings: UnrelatedMeeting[] = [];
    const making = (async () => {
      do {
        meetings.push(await this.#saveInDatabase());
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      } while (!isOver);
    })();
    const [result, throughExchangeMs] = await Promise.all([done, this.#saveInExchange(), making]);
    return { result, meetings, throughExchangeMs };
  }

  async #saveInDatabase(): Promise<UnrelatedMeeting> {
    const [organizer] = this.#pair;
    const copy = copyOf(++this.#made, this.#pair, organizer);
    await writeCopies(this.#database, this.#lease, [copy]);
    return this.#planned(`unrelated meeting ${this.#made}`, () => Promise.resolve(copy.eventId));
  }

  async #saveInExchange(): Promise<number> {
    const subject = `Unrelated ${Date.now()}`;
    const start = new Date(Math.ceil(Date.now() / 1000) * 1000 + AHEAD_MS);
    const end = new Date(start.getTime() + LENGTH_MS);
    await this.#writer.create({ subject, start, end, attendees: [this.#guest] });
    const savedMs = Date.now();
    const { plannedMs } = await this.#planned(subject, async () => {
      const { rows } = await this.#database.query<{ eventId: string }>(EVENT_OF, [subject]);
      return rows[0]?.eventId;
    });
    return plannedMs - savedMs;
  }

  #planned(what: string, idOf: () => Promise<string | undefined>): Promise<UnrelatedMeeting> {
    return until(
      `${what} is planned`,
      async () => {
        const { rows } = await this.#database.query<UnrelatedMeeting & Record<string, unknown>>(PLANNED, [
          await idOf(),
        ]);
        return typeof rows[0]?.plannedSeq === 'number' ? rows[0] : undefined;
      },
      { patienceMs: PATIENCE_MS, everyMs: 100 },
    );
  }
}
