import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import { CalendarWriter, until } from 'stack-driver';

/** They begin later than conferences are created ahead: planning is all that happens to them. */
const AHEAD_MS = 30 * 3_600_000;
const LENGTH_MS = 1_800_000;
const PATIENCE_MS = 120_000;
/** From one meeting's plan to the next meeting. */
const PAUSE_MS = 500;

/** A small meeting that was saved while something happened to the big one, unix ms. */
export interface UnrelatedMeeting {
  /** Exchange had it. */
  readonly savedMs: number;
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
  FROM calendar.change c WHERE c.event_id = (SELECT e.event_id FROM calendar.event e WHERE e.subject = $1 LIMIT 1)`;

/** Two people who plan one small meeting after the other, over EWS. */
export class UnrelatedMeetings {
  readonly #database: SqlDatabase;
  readonly #writer: CalendarWriter;
  readonly #guest: string;
  #made = 0;

  constructor(database: SqlDatabase, ewsUrl: string, [organizer, guest]: readonly [string, string]) {
    this.#database = database;
    this.#writer = new CalendarWriter(ewsUrl, organizer);
    this.#guest = guest;
  }

  /**
   * Makes meetings until `work` is done, one at least.
   * @returns what `work` gave, and the meetings @throws NotInTimeError when one is not planned
   */
  async during<Result>(work: Promise<Result>): Promise<{ result: Result; meetings: UnrelatedMeeting[] }> {
    let isOver = false;
    const done = work.finally(() => {
      isOver = true;
    });
    const meetings: UnrelatedMeeting[] = [];
    const making = (async () => {
      do {
        meetings.push(await this.#makeOne());
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      } while (!isOver);
    })();
    const [result] = await Promise.all([done, making]);
    return { result, meetings };
  }

  async #makeOne(): Promise<UnrelatedMeeting> {
    const subject = `Unrelated ${++this.#made}`;
    const start = new Date(Math.ceil(Date.now() / 1000) * 1000 + AHEAD_MS);
    await this.#writer.create({
      subject,
      start,
      end: new Date(start.getTime() + LENGTH_MS),
      attendees: [this.#guest],
    });
    const savedMs = Date.now();
    const planned = await until(
      `${subject} is planned`,
      async () => {
        const { rows } = await this.#database.query<Omit<UnrelatedMeeting, 'savedMs'>>(PLANNED, [subject]);
        return rows[0]?.plannedSeq === null ? undefined : rows[0];
      },
      { patienceMs: PATIENCE_MS, everyMs: 100 },
    );
    return { savedMs, ...planned };
  }
}
