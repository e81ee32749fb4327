import { type ConferenceLogRow, listConferenceLog } from 'calendar-db/conferences';
import {
  createTestDatabase,
  multiplyEvent,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from 'calendar-db/testing';
import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import { expect } from 'vitest';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from 'worker-kit/testing';
import { launcher } from '../launcher.ts';
import { LAUNCHER_APP, startTrueConf, type TrueConf } from './simulated-trueconf.ts';

type Occurrence = Parameters<typeof sampleOccurrence>[0];

export const ANNA = 'anna@corp.example';
export const BORIS = 'boris@corp.example';
export const CHLOE = 'chloe@corp.example';

/** A conference's row as tests look at it. */
export interface ConferenceRow {
  readonly state: string;
  readonly wanted: string;
  readonly reason: string | null;
  readonly failure: string | null;
  readonly cid: string | null;
  readonly url: string | null;
  readonly life: number;
  readonly confirmed: boolean;
  readonly settled: boolean;
}

/** A calendar database, a simulated TrueConf Server and a config that leads to both. */
export class LauncherHouse {
  readonly db: TestDatabase;
  readonly trueconf: TrueConf;
  readonly config: TestConfig;
  #launchers: TestWorker[] = [];
  #sections: Record<string, unknown>;

  private constructor(db: TestDatabase, trueconf: TrueConf, config: TestConfig, sections: Record<string, unknown>) {
    this.db = db;
    this.trueconf = trueconf;
    this.config = config;
    this.#sections = sections;
  }

  /** @param given top-level keys of the config besides the servers'; the safety poll is off unless given */
  static async open(given: Record<string, unknown> = {}): Promise<LauncherHouse> {
    const db = await createTestDatabase();
    const trueconf = await startTrueConf('tiny.example', ['anna', 'boris', 'chloe']);
    const config = await writeTestConfig(db.options);
    const server = {
      serverId: trueconf.serverId,
      url: trueconf.url,
      clientId: LAUNCHER_APP.clientId,
      clientSecret: config.encrypt(LAUNCHER_APP.clientSecret),
    };
    const sections = {
      trueconfServers: [server],
      productWhitelist: { tcs: ['tiny.example#vcs'] },
      conferences: { safetyPollMs: 0 },
      ...given,
    };
    config.write(sections);
    return new LauncherHouse(db, trueconf, config, sections);
  }

  get database(): SqlDatabase {
    return this.db.database;
  }

  /** Writes other top-level keys into the config file. */
  configure(sections: Record<string, unknown>): void {
    this.#sections = { ...this.#sections, ...sections };
    this.config.write(this.#sections);
  }

  /** Starts one more launcher in this process and waits until it works. */
  async launch(instance = this.#launchers.length): Promise<TestWorker> {
    const worker = startTestWorker(launcher(), this.config, { instance });
    this.#launchers.push(worker);
    await worker.log.waitFor('worker.started');
    return worker;
  }

  /** A meeting of Anna's in her own calendar. @param startsInMs from now; it lasts an hour */
  async meet(startsInMs: number, attendees: readonly string[] = [BORIS], given: Occurrence = {}): Promise<string> {
    const start = new Date(Date.now() + startsInMs);
    const occurrence = sampleOccurrence({
      start,
      end: new Date(start.getTime() + 3_600_000),
      attendees: attendees.map((address) => sampleAttendee(address)),
      ...given,
    });
    await saveToMailbox(this.database, ANNA, { occurrences: [occurrence] });
    return occurrence.eventId;
  }

  /** Anna, Boris and Chloe are known to the server already, so that nothing has to be asked. */
  async introduce(): Promise<void> {
    await this.database.query(
      `INSERT INTO calendar.address_map (server_id, address, trueconf_id, checked_at)
       SELECT 'tiny.example', name || '@corp.example', name, now() FROM unnest('{anna,boris,chloe}'::text[]) name`,
    );
  }

  /** So many more meetings like this one, which is left as it is. All begin when it begins. */
  async multiply(eventId: string, count: number): Promise<void> {
    await multiplyEvent(this.database, eventId, count);
  }

  async row(eventId: string): Promise<ConferenceRow | undefined> {
    const { rows } = await this.database.query<ConferenceRow & Record<string, unknown>>(
      `SELECT c.state, c.wanted, c.reason, c.failure, c.cid, c.url, c.life, c.confirmed,
              k.owner IS NULL AND k.intent IS NULL AND c.applied_version >= c.wanted_version AS settled
       FROM calendar.conference c JOIN calendar.conference_claim k USING (event_id) WHERE event_id = $1`,
      [eventId],
    );
    return rows[0];
  }

  /** Waits until the conference's row looks like this. */
  async become(eventId: string, expected: Partial<ConferenceRow>, timeout = 10_000): Promise<ConferenceRow> {
    try {
      await expect.poll(() => this.row(eventId), { timeout, interval: 20 }).toMatchObject(expected);
    } catch (error) {
      await this.#explain(eventId, error as Error);
      throw error;
    }
    return (await this.row(eventId)) as ConferenceRow;
  }

  /** What did not become so is explained by everything that is known of it. */
  async #explain(eventId: string, error: Error): Promise<void> {
    const claim =
      'SELECT * FROM calendar.conference c JOIN calendar.conference_claim k USING (event_id) WHERE event_id = $1';
    const { rows } = await this.database.query(claim, [eventId]);
    const known = {
      row: rows[0],
      log: (await this.log(eventId)).map(({ action, state, reason, at }) => ({ action, state, reason, at })),
      journal: this.trueconf.control.requests(),
      launchers: this.#launchers.map(({ log }) => log.entries.filter(({ level }) => level !== 'debug')),
    };
    error.message += `\n${JSON.stringify(known, null, 1)}`;
  }

  log(eventId: string): Promise<ConferenceLogRow[]> {
    return listConferenceLog(this.database, eventId);
  }

  /**
   * Lets time pass for one meeting: the event and its whole plan, what waits for a retry, and the first activation move
   * back by so much, all at once and between two turns of the planner, so that no plan is made of the times before.
   */
  async age(eventId: string, ms: number): Promise<void> {
    await this.database.transaction(async (client) => {
      // The planner's order: first its row, then the change log.
      await client.query('SELECT FROM calendar.consumer FOR UPDATE');
      await client.query('SELECT calendar.lock_changes()');
      await client.query("UPDATE calendar.meta SET launching_since = launching_since - $1 * interval '1 ms'", [ms]);
      await client.query(
        `UPDATE calendar.conference_claim SET retry_at = retry_at - $2 * interval '1 ms',
           requested_at = requested_at - $2 * interval '1 ms', lease_until = lease_until - $2 * interval '1 ms'
         WHERE event_id = $1`,
        [eventId, ms],
      );
      await client.query(
        `UPDATE calendar.conference SET starts_at = starts_at - $2 * interval '1 ms', ends_at = ends_at - $2 * interval '1 ms',
           create_at = create_at - $2 * interval '1 ms', open_at = open_at - $2 * interval '1 ms',
           give_up_at = give_up_at - $2 * interval '1 ms', updated_at = updated_at - $2 * interval '1 ms'
         WHERE event_id = $1`,
        [eventId, ms],
      );
      await client.query(
        `UPDATE calendar.event SET start_at = start_at - $2 * interval '1 ms', end_at = end_at - $2 * interval '1 ms'
         WHERE event_id = $1`,
        [eventId, ms],
      );
    });
  }

  /** Stops the launchers that still run. */
  async quiet(): Promise<void> {
    await Promise.all(this.#launchers.splice(0).map((launcher) => launcher.stop()));
  }

  /** Forgets all events and conferences. */
  async clear(): Promise<void> {
    await this.quiet();
    this.trueconf.control.forget();
    await this.database.query('DELETE FROM calendar.conference');
    await this.database.query('DELETE FROM calendar.mailbox');
    await this.database.query('DELETE FROM calendar.address_map');
    await this.database.query('DELETE FROM calendar.consumer');
    await this.database.query('DELETE FROM calendar.set_aside_event');
    await this.database.query('DELETE FROM calendar.conference_log');
    await this.database.query("UPDATE calendar.meta SET launching_since = now() - interval '1 day'");
  }

  async close(): Promise<void> {
    await this.quiet();
    this.config.remove();
    await this.trueconf.close();
    await this.db.drop();
  }
}
